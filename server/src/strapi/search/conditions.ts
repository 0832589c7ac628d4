import { PREFIX_LENGTH, indexedText, prefixOf, type Comparable } from '../../scim/filter/compare';
import type { ComparisonOperator } from '../../scim/filter/ast';
import type { Dialect } from './dialect';
import { and, FALSE, or, sql, trusted, TRUE, type Sql } from './sql';

export type PositiveOperator = Exclude<ComparisonOperator, 'ne'>;

const SIGNS: Readonly<Record<'gt' | 'ge' | 'lt' | 'le', string>> = { gt: '>', ge: '>=', lt: '<', le: '<=' };

const isLong = (text: string): boolean => prefixOf(text) !== text;
/** A shorter text cannot be the first part of a longer one. */
const fillsPrefix = (text: string): boolean => text.length >= PREFIX_LENGTH && [...text].length >= PREFIX_LENGTH;

/** The least text above every text that starts so; null where there is none. */
export function afterPrefix(prefix: string): string | null {
  const points = [...prefix].map((char) => char.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return null;
}

const startsWith = (expression: Sql, start: string): Sql => {
  const end = afterPrefix(start);
  return end === null ? sql`${expression} >= ${start}` : sql`${expression} >= ${start} and ${expression} < ${end}`;
};

/** A text expression that holds the whole text, never null. */
export function textCondition(dialect: Dialect, expression: Sql, operator: PositiveOperator, wanted: string): Sql {
  switch (operator) {
    case 'eq':
      return sql`${expression} = ${wanted}`;
    case 'co':
      return dialect.contains(expression, wanted);
    case 'sw':
      return startsWith(expression, wanted);
    case 'ew':
      return wanted === '' ? TRUE : dialect.endsWith(expression, wanted);
    default:
      return sql`${expression} ${trusted(SIGNS[operator])} ${wanted}`;
  }
}

const hasOrder = (operator: PositiveOperator): operator is 'eq' | 'gt' | 'ge' | 'lt' | 'le' => operator !== 'co' && operator !== 'sw' && operator !== 'ew';

/** Of a column of whole numbers, which PostgreSQL compares with whole numbers of its own range only. */
export function integerCondition(expression: Sql, operator: PositiveOperator, wanted: number): Sql {
  if (!hasOrder(operator)) return FALSE;
  const isUpper = operator === 'lt' || operator === 'le';
  if (Math.abs(wanted) > Number.MAX_SAFE_INTEGER) return operator !== 'eq' && wanted > 0 === isUpper ? TRUE : FALSE;
  if (Number.isInteger(wanted)) return sql`${expression} ${trusted(operator === 'eq' ? '=' : SIGNS[operator])} ${wanted}`;
  if (operator === 'eq') return FALSE;
  return isUpper ? sql`${expression} <= ${Math.floor(wanted)}` : sql`${expression} >= ${Math.ceil(wanted)}`;
}

/** Whether a row of the index, by its alias, holds a value that satisfies the comparison. */
export function rowCondition(dialect: Dialect, row: Sql, operator: PositiveOperator, wanted: Comparable | null, mixed: boolean): Sql {
  if (wanted === null) return FALSE;
  const text = sql`${row}.text`;
  if (wanted.kind === 'number') {
    if (!hasOrder(operator)) return FALSE;
    // The text sorts as the numbers do and has the index; the number tells it from a text that looks like it.
    return and(textCondition(dialect, text, operator, indexedText(wanted)), sql`${row}.number is not null`);
  }
  // Values of undeclared attributes may be of either kind; an opaque one has no text at all.
  const isText = mixed ? sql`${row}.number is null` : TRUE;
  return and(longCondition(dialect, row, text, operator, wanted.text), isText);
}

function longCondition(dialect: Dialect, row: Sql, text: Sql, operator: PositiveOperator, wanted: string): Sql {
  const long = sql`${row}.long_text`;
  const prefix = prefixOf(wanted);
  const cut = isLong(wanted);
  switch (operator) {
    case 'co':
    case 'ew':
      return textCondition(dialect, sql`coalesce(${long}, ${text})`, operator, wanted);
    case 'sw':
      return cut ? and(sql`${text} = ${prefix}`, startsWith(long, wanted)) : startsWith(text, wanted);
    case 'eq':
      if (cut) return and(sql`${text} = ${prefix}`, sql`${long} = ${wanted}`);
      return fillsPrefix(wanted) ? and(sql`${text} = ${wanted}`, sql`${long} is null`) : sql`${text} = ${wanted}`;
    default:
      return longOrder(text, long, operator, wanted, prefix, cut);
  }
}

/** Where the indexed part is equal the whole text decides; a text that is longer than its beginning is greater. */
function longOrder(text: Sql, long: Sql, operator: 'gt' | 'ge' | 'lt' | 'le', wanted: string, prefix: string, cut: boolean): Sql {
  const sign = trusted(SIGNS[operator]);
  if (!cut && !fillsPrefix(wanted)) return sql`${text} ${sign} ${wanted}`;
  const [outer, strict] = operator === 'gt' || operator === 'ge' ? [trusted('>='), trusted('>')] : [trusted('<='), trusted('<')];
  const tie = cut ? sql`${long} ${sign} ${wanted}` : longTie(long, operator);
  const absent = cut && (operator === 'lt' || operator === 'le') ? sql`${long} is null` : FALSE;
  return and(sql`${text} ${outer} ${prefix}`, or(sql`${text} ${strict} ${prefix}`, tie, absent));
}

function longTie(long: Sql, operator: 'gt' | 'ge' | 'lt' | 'le'): Sql {
  if (operator === 'ge') return TRUE;
  if (operator === 'lt') return FALSE;
  return operator === 'gt' ? sql`${long} is not null` : sql`${long} is null`;
}
