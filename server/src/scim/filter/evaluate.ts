import type { ObjectType } from '../../contracts/operation';
import { normaliseName } from '../../domain/identity/normalise';
import type { Resource } from '../../domain/resource/resource';
import { undeclared, type AttributeDefinition } from '../schema/definition';
import { attributeNamed, resolvePath } from '../schema/lookup';
import type { AttributePath, ComparisonOperator, Filter, FilterValue } from './ast';

/** A value of a resource with the definition that says how it compares; undefined where it is unassigned. */
interface Operand {
  value: unknown;
  definition: AttributeDefinition;
}

/**
 * Whether a resource satisfies a filter (RFC 7644 section 3.4.2.2). The reference for every other evaluation: SQL must
 * agree with it. A multi-valued attribute matches when any of its values does; `ne` is true of an unassigned one.
 */
export function matches(filter: Filter, resource: Resource, type: ObjectType): boolean {
  switch (filter.kind) {
    case 'and':
      return matches(filter.left, resource, type) && matches(filter.right, resource, type);
    case 'or':
      return matches(filter.left, resource, type) || matches(filter.right, resource, type);
    case 'not':
      return !matches(filter.filter, resource, type);
    case 'present':
      return operandsAt(filter.path, resource, type, false).some(({ value }) => isPresent(value));
    case 'compare':
      return operandsAt(filter.path, resource, type, true).some((operand) => compare(operand, filter.operator, filter.value));
    case 'valuePath': {
      const { value, definition } = attributeAt({ ...filter.path, subAttribute: null }, resource, type);
      const { comparison } = filter;
      return elementsOf(value).some((element) => {
        if (!matchesElement(filter.filter, element, definition)) return false;
        if (comparison === null) return true;
        const operand = subOperand(element, definition, comparison.subAttribute);
        return comparison.operator === 'pr' ? isPresent(operand.value) : compare(operand, comparison.operator, comparison.value);
      });
    }
  }
}

/** Whether one element of a multi-valued attribute satisfies the filter inside `[ ]`. */
export function matchesElement(filter: Filter, element: unknown, definition: AttributeDefinition): boolean {
  switch (filter.kind) {
    case 'and':
      return matchesElement(filter.left, element, definition) && matchesElement(filter.right, element, definition);
    case 'or':
      return matchesElement(filter.left, element, definition) || matchesElement(filter.right, element, definition);
    case 'not':
      return !matchesElement(filter.filter, element, definition);
    case 'present':
      return isPresent(subOperand(element, definition, filter.path.attribute).value);
    case 'compare':
      return compare(subOperand(element, definition, filter.path.attribute), filter.operator, filter.value);
    case 'valuePath':
      return false;
  }
}

/** RFC 7644 `pr`: a value that is not empty; a complex one has at least one sub-attribute. */
export function isPresent(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (Array.isArray(value)) return value.some(isPresent);
  return typeof value === 'object' ? Object.values(value).some(isPresent) : true;
}

function attributeAt(path: AttributePath, resource: Resource, type: ObjectType): Operand {
  const resolved = resolvePath(path, type);
  if (resolved === null) return { value: undeclaredAt(path, resource), definition: undeclared(path.attribute) };
  const container = resolved.extension === null ? resource : own(resource, resolved.extension);
  if (resolved.attribute === null) return { value: container, definition: undeclared(path.attribute) };
  return { value: own(container, resolved.attribute.name), definition: resolved.attribute };
}

/** What no schema declares is found by its name alone, without regard to case. */
function undeclaredAt(path: AttributePath, resource: Resource): unknown {
  return anyCase(path.schema === null ? resource : anyCase(resource, path.schema), path.attribute);
}

function operandsAt(path: AttributePath, resource: Resource, type: ObjectType, simple: boolean): Operand[] {
  const { value, definition } = attributeAt({ ...path, subAttribute: null }, resource, type);
  // A complex attribute compares by its `value` (RFC 7643 section 2.4: the attribute's significant value).
  const sub = path.subAttribute ?? (simple && isComplex(definition, value) ? 'value' : null);
  const elements = elementsOf(value);
  if (sub === null) return elements.length === 0 ? [{ value: undefined, definition }] : elements.map((element) => ({ value: element, definition }));
  if (elements.length === 0) return [subOperand(undefined, definition, sub)];
  return elements.map((element) => subOperand(element, definition, sub));
}

const isComplex = (definition: AttributeDefinition, value: unknown): boolean =>
  definition.type === 'complex' || elementsOf(value).some((element) => typeof element === 'object' && element !== null);

function subOperand(element: unknown, definition: AttributeDefinition, name: string): Operand {
  const sub = attributeNamed(definition.subAttributes, name);
  if (sub !== null) return { value: own(element, sub.name), definition: sub };
  // `x[value eq "a"]` on a list of plain values: the value is the element itself.
  const plain = typeof element !== 'object' && name.toLowerCase() === 'value';
  return { value: plain ? element : anyCase(element, name), definition: undeclared(name) };
}

function compare({ value, definition }: Operand, operator: ComparisonOperator, wanted: FilterValue): boolean {
  const unassigned = value === undefined || value === null;
  if (operator === 'ne') return !equal(value, wanted, definition);
  if (operator === 'eq') return equal(value, wanted, definition);
  if (unassigned || wanted === null) return false;
  if (typeof value === 'number' && typeof wanted === 'number') return ordered(operator, value - wanted);
  if (typeof value !== 'string' || typeof wanted !== 'string') return false;
  const [left, right] = [folded(value, definition), folded(wanted, definition)];
  switch (operator) {
    case 'co':
      return left.includes(right);
    case 'sw':
      return left.startsWith(right);
    case 'ew':
      return left.endsWith(right);
    default: {
      const difference = instants(value, wanted, definition);
      return ordered(operator, difference ?? (left < right ? -1 : left > right ? 1 : 0));
    }
  }
}

function equal(value: unknown, wanted: FilterValue, definition: AttributeDefinition): boolean {
  if (value === undefined || value === null) return wanted === null;
  if (typeof value === 'string' && typeof wanted === 'string') {
    return instants(value, wanted, definition) === 0 || folded(value, definition) === folded(wanted, definition);
  }
  // Entra ID quotes booleans: roles[primary eq "True"].
  if (typeof value === 'boolean' && typeof wanted === 'string') return String(value) === wanted.toLowerCase();
  return value === wanted;
}

function ordered(operator: ComparisonOperator, difference: number): boolean {
  switch (operator) {
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    default:
      return operator === 'le' && difference <= 0;
  }
}

const folded = (text: string, definition: AttributeDefinition): string => (definition.caseExact ? text : normaliseName(text));

/** Difference of two points in time in milliseconds; null where one of them is none. */
function instants(value: string, wanted: string, definition: AttributeDefinition): number | null {
  if (definition.type !== 'dateTime') return null;
  const difference = Date.parse(value) - Date.parse(wanted);
  return Number.isNaN(difference) ? null : difference;
}

const elementsOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

function own(container: unknown, name: string): unknown {
  if (typeof container !== 'object' || container === null || !Object.hasOwn(container, name)) return undefined;
  return (container as Record<string, unknown>)[name];
}

function anyCase(container: unknown, name: string): unknown {
  if (typeof container !== 'object' || container === null) return undefined;
  const wanted = name.toLowerCase();
  const key = Object.keys(container).find((candidate) => candidate.toLowerCase() === wanted);
  return key === undefined ? undefined : own(container, key);
}
