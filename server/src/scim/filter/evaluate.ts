import type { Resource } from '../../domain/resource/resource';
import { normaliseName } from '../../domain/identity/normalise';
import type { AttributeDefinition } from '../schema/definition';
import { attributeOf, subAttributeOf, subDefinition } from './attributes';
import { comparable, isPresent, satisfies, wantedValue } from './compare';
import type { ComparisonOperator, Filter, FilterValue } from './ast';
import type { TypeRef } from '../schema/resource-types';

export { isPresent };

/**
 * Whether a resource satisfies a filter (RFC 7644 section 3.4.2.2). The reference for every other evaluation: SQL must
 * agree with it. A multi-valued attribute matches when any of its values does; `ne` is true of an unassigned one.
 */
export function matches(filter: Filter, resource: Resource, type: TypeRef): boolean {
  switch (filter.kind) {
    case 'and':
      return matches(filter.left, resource, type) && matches(filter.right, resource, type);
    case 'or':
      return matches(filter.left, resource, type) || matches(filter.right, resource, type);
    case 'not':
      return !matches(filter.filter, resource, type);
    case 'present': {
      const { elements, definition } = attributeOf(filter.path, resource, type);
      const { subAttribute } = filter.path;
      return elements.some((element) => subAttribute === null || subAttributeOf(element, definition, subAttribute).value !== undefined);
    }
    case 'compare': {
      const { elements, definition } = attributeOf(filter.path, resource, type);
      // A complex attribute compares by its `value` (RFC 7643 section 2.4: the attribute's significant value).
      const name = filter.path.subAttribute ?? 'value';
      const operands = elements.length === 0 ? [undefined] : elements;
      const test = comparison(filter.operator, filter.value, subDefinition(definition, name), FREE);
      return operands.some((element) => test(subAttributeOf(element, definition, name).value));
    }
    case 'valuePath': {
      const { elements, definition } = attributeOf(filter.path, resource, type);
      const isMeant = elementTest(filter.filter, definition);
      const then = filter.comparison;
      if (then === null) return elements.some(isMeant);
      const test = then.operator === 'pr' ? isPresent : comparison(then.operator, then.value, subDefinition(definition, then.subAttribute), FREE);
      return elements.some((element) => isMeant(element) && test(subAttributeOf(element, definition, then.subAttribute).value));
    }
  }
}

/** Who pays for comparisons, and how text is folded for them. */
export interface ComparisonCost {
  spend(steps: number): void;
  fold(text: string): string;
}

const FREE: ComparisonCost = { spend: () => undefined, fold: normaliseName };

type Test = (value: unknown) => boolean;

/** Tells whether an element of a multi-valued attribute satisfies the filter inside `[ ]`, whose values are read once. */
export function elementTest(filter: Filter, definition: AttributeDefinition, cost = FREE): Test {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const [left, right] = [elementTest(filter.left, definition, cost), elementTest(filter.right, definition, cost)];
      return filter.kind === 'and' ? (element) => left(element) && right(element) : (element) => left(element) || right(element);
    }
    case 'not': {
      const test = elementTest(filter.filter, definition, cost);
      return (element) => !test(element);
    }
    case 'present':
    case 'compare': {
      const { attribute } = filter.path;
      const test = filter.kind === 'present' ? isPresent : comparison(filter.operator, filter.value, subDefinition(definition, attribute), cost);
      return (element) => {
        cost.spend(1);
        return test(subAttributeOf(element, definition, attribute).value);
      };
    }
    case 'valuePath':
      return () => false;
  }
}

function comparison(operator: ComparisonOperator, wanted: FilterValue, definition: AttributeDefinition, cost: ComparisonCost): Test {
  if (wanted === null) return (value) => (operator === 'eq' ? value === undefined : operator === 'ne' && value !== undefined);
  const fold = (text: string): string => cost.fold(text);
  const right = wantedValue(wanted, definition, fold);
  return (value) => {
    // Long text takes longer to look through.
    if (typeof value === 'string' && value.length > 255) cost.spend(value.length >> 8);
    const left = comparable(value, definition, fold);
    return operator === 'ne' ? !satisfies(left, 'eq', right) : satisfies(left, operator, right);
  };
}
