import type { Resource } from '../../domain/resource/resource';
import type { AttributeDefinition } from '../schema/definition';
import { attributeOf, subAttributeOf, type Operand } from './attributes';
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
      return operands.some((element) => compare(subAttributeOf(element, definition, name), filter.operator, filter.value));
    }
    case 'valuePath': {
      const { elements, definition } = attributeOf(filter.path, resource, type);
      const { comparison } = filter;
      return elements.some((element) => {
        if (!matchesElement(filter.filter, element, definition)) return false;
        if (comparison === null) return true;
        const operand = subAttributeOf(element, definition, comparison.subAttribute);
        return comparison.operator === 'pr' ? operand.value !== undefined : compare(operand, comparison.operator, comparison.value);
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
      return subAttributeOf(element, definition, filter.path.attribute).value !== undefined;
    case 'compare':
      return compare(subAttributeOf(element, definition, filter.path.attribute), filter.operator, filter.value);
    case 'valuePath':
      return false;
  }
}

function compare({ value, definition }: Operand, operator: ComparisonOperator, wanted: FilterValue): boolean {
  if (wanted === null) return operator === 'eq' ? value === undefined : operator === 'ne' && value !== undefined;
  const [left, right] = [comparable(value, definition), wantedValue(wanted, definition)];
  return operator === 'ne' ? !satisfies(left, 'eq', right) : satisfies(left, operator, right);
}
