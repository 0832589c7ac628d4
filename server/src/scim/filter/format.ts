import type { Filter, FilterValue } from './ast';
import { formatAttributePath } from './path';

/** The text of a filter, with as few parentheses as give back the same tree when parsed (RFC 7644 section 3.4.2.2). */
export function formatFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'compare':
      return `${formatAttributePath(filter.path)} ${filter.operator} ${formatValue(filter.value)}`;
    case 'present':
      return `${formatAttributePath(filter.path)} pr`;
    case 'valuePath': {
      const element = `${formatAttributePath(filter.path)}[${formatFilter(filter.filter)}]`;
      const { comparison } = filter;
      if (comparison === null) return element;
      if (comparison.operator === 'pr') return `${element}.${comparison.subAttribute} pr`;
      return `${element}.${comparison.subAttribute} ${comparison.operator} ${formatValue(comparison.value)}`;
    }
    case 'not':
      return `not (${formatFilter(filter.filter)})`;
    case 'and':
      return `${operand(filter.left, ['or'])} and ${operand(filter.right, ['or', 'and'])}`;
    case 'or':
      return `${formatFilter(filter.left)} or ${operand(filter.right, ['or'])}`;
  }
}

/** JSON's escapes are the filter's (RFC 7644 section 3.4.2.2: compValue is a JSON value). */
export const formatValue = (value: FilterValue): string => JSON.stringify(value);

const operand = (filter: Filter, inParentheses: Filter['kind'][]): string =>
  inParentheses.includes(filter.kind) ? `(${formatFilter(filter)})` : formatFilter(filter);
