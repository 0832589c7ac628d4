import { matches } from '../../scim/filter/evaluate';
import { subDefinition } from '../../scim/filter/attributes';
import { wantedValue } from '../../scim/filter/compare';
import { formatAttributePath } from '../../scim/filter/path';
import { subName } from '../../scim/filter/indexed-values';
import type { ComparisonOperator, Filter, FilterValue } from '../../scim/filter/ast';
import { invalidFilter } from '../../scim/filter/lexer';
import { quoted } from '../../scim/messages/error';
import type { AttributeDefinition } from '../../scim/schema/definition';
import { elementsFor } from './attribute-sources';
import { anyElement, elementAnd, elementNot, elementOr, type ElementCondition, type Elements, type Scope } from './elements';
import { FALSE } from './sql';
import { allOf, always, anyOf, COST, noneOf, type Term } from './term';

/**
 * A filter as conditions for the database. It selects what `matches` (scim/filter) selects of the resources as the
 * connection sees them. Throws ScimError `invalidFilter` for a comparison that an attribute's type does not have.
 */
export function compileFilter(filter: Filter, scope: Scope): Term {
  switch (filter.kind) {
    case 'and':
      return allOf([compileFilter(filter.left, scope), compileFilter(filter.right, scope)]);
    case 'or':
      return anyOf([compileFilter(filter.left, scope), compileFilter(filter.right, scope)], scope);
    case 'not':
      return noneOf(compileFilter(filter.filter, scope));
    default:
      return compileLeaf(filter, scope);
  }
}

type Leaf = Extract<Filter, { kind: 'compare' | 'present' | 'valuePath' }>;

function compileLeaf(filter: Leaf, scope: Scope): Term {
  const { elements, named } = elementsFor(filter.path, scope);
  const { definition } = named;
  // The core schema's URN is in every resource and not in the index.
  const isSchemas = named.schema === null && named.name === 'schemas';
  if (isSchemas && matches(filter, { schemas: [scope.type.core.id] }, scope.type)) return always;
  if (filter.kind === 'valuePath') return elements.some(valuePath(filter, elements, definition));
  if (filter.kind === 'present') {
    const { subAttribute } = filter.path;
    return elements.some(subAttribute === null ? anyElement : present(elements, subAttribute));
  }
  const { operator, value } = filter;
  const sub = filter.path.subAttribute ?? 'value';
  const condition = comparison(elements, definition, sub, operator, value, formatAttributePath(filter.path));
  // `ne`, and `eq null`, are true of what is not there at all.
  const isNegative = value === null ? operator === 'eq' : operator === 'ne';
  if (!isNegative || isSchemas) return elements.some(condition);
  const positive = value === null ? present(elements, sub) : comparison(elements, definition, sub, 'eq', value, '');
  if (elements.single) return noneOf(elements.some(positive));
  return anyOf([noneOf(elements.some(anyElement)), elements.some(condition)], scope);
}

function valuePath(filter: Extract<Filter, { kind: 'valuePath' }>, elements: Elements, definition: AttributeDefinition): ElementCondition {
  const path = formatAttributePath(filter.path);
  const inner = elementFilter(filter.filter, elements, definition, path);
  if (filter.comparison === null) return inner;
  const { comparison: outer } = filter;
  const last =
    outer.operator === 'pr'
      ? present(elements, outer.subAttribute)
      : comparison(elements, definition, outer.subAttribute, outer.operator, outer.value, `${path}.${outer.subAttribute}`);
  return elementAnd(inner, last);
}

function elementFilter(filter: Filter, elements: Elements, definition: AttributeDefinition, parent: string): ElementCondition {
  switch (filter.kind) {
    case 'and':
      return elementAnd(elementFilter(filter.left, elements, definition, parent), elementFilter(filter.right, elements, definition, parent));
    case 'or':
      return elementOr(elementFilter(filter.left, elements, definition, parent), elementFilter(filter.right, elements, definition, parent));
    case 'not':
      return elementNot(elementFilter(filter.filter, elements, definition, parent));
    case 'present':
      return present(elements, filter.path.attribute);
    case 'compare':
      return comparison(elements, definition, filter.path.attribute, filter.operator, filter.value, `${parent}.${filter.path.attribute}`);
    case 'valuePath':
      return nothing;
  }
}

const no = (): typeof FALSE => FALSE;
const nothing: ElementCondition = { test: no, drive: no, rest: no, cost: COST.unique };

const present = (elements: Elements, sub: string): ElementCondition => elements.leaf(subName(sub), { operator: 'pr' }, COST.present);

function comparison(
  elements: Elements,
  definition: AttributeDefinition,
  sub: string,
  operator: ComparisonOperator,
  value: FilterValue,
  path: string
): ElementCondition {
  if (value === null) {
    const there = present(elements, sub);
    return operator === 'eq' ? elementNot(there) : operator === 'ne' ? there : nothing;
  }
  const compared = subDefinition(definition, sub);
  if (operator === 'ne') return elementNot(comparison(elements, definition, sub, 'eq', value, path));
  if (compared.type === 'dateTime' && (operator === 'co' || operator === 'sw' || operator === 'ew')) {
    throw invalidFilter(`${quoted(path)} is a point in time: compare it with eq, ne, gt, ge, lt or le.`);
  }
  const wanted = wantedValue(value, compared);
  return wanted === null ? nothing : elements.leaf(subName(sub), { operator, wanted }, costOf(operator, compared, sub));
}

function costOf(operator: Exclude<ComparisonOperator, 'ne'>, definition: AttributeDefinition, sub: string): number {
  switch (operator) {
    case 'eq':
      // Few different values: most objects share each.
      return definition.type === 'boolean' || definition.canonicalValues !== undefined || sub.toLowerCase() === 'type' ? COST.weak : COST.equal;
    case 'sw':
      return COST.prefix;
    case 'co':
    case 'ew':
      return COST.scan;
    default:
      return COST.range;
  }
}


