import { normaliseName } from '../../domain/identity/normalise';
import type { AttributeDefinition } from '../schema/definition';
import type { ComparisonOperator, FilterValue } from './ast';

/**
 * A value in the form filters compare (RFC 7644 section 3.4.2.2). The reference evaluator and the database's index of
 * values are built on the same forms, so that they cannot disagree about what is equal.
 */
export type Comparable = { kind: 'text'; text: string } | { kind: 'number'; number: number };

/**
 * Text is folded unless the attribute is caseExact. A boolean is the text `true` or `false`: Entra ID quotes booleans,
 * and undeclared attributes hold either spelling. A dateTime is a point in time, whatever its time zone. Null: nothing a
 * filter could be equal to, such as an object.
 */
export function comparable(value: unknown, definition: AttributeDefinition, fold = normaliseName): Comparable | null {
  switch (typeof value) {
    case 'boolean':
      return { kind: 'text', text: String(value) };
    case 'number':
      return Number.isFinite(value) ? { kind: 'number', number: value === 0 ? 0 : value } : null;
    case 'string': {
      if (definition.type !== 'dateTime') return { kind: 'text', text: definition.caseExact ? value : fold(value) };
      const time = Date.parse(value);
      return Number.isNaN(time) ? null : { kind: 'number', number: time };
    }
    default:
      return null;
  }
}

/** Whether a value satisfies `operator wanted`; not for `ne` and null, which speak of what is not there. */
export function satisfies(value: Comparable | null, operator: Exclude<ComparisonOperator, 'ne'>, wanted: Comparable | null): boolean {
  if (value === null || wanted === null) return false;
  if (value.kind === 'number' || wanted.kind === 'number') {
    return value.kind === wanted.kind && value.kind === 'number' && wanted.kind === 'number' && ordered(operator, value.number - wanted.number);
  }
  switch (operator) {
    case 'co':
      return value.text.includes(wanted.text);
    case 'sw':
      return value.text.startsWith(wanted.text);
    case 'ew':
      return value.text.endsWith(wanted.text);
    default:
      return ordered(operator, compareCodePoints(value.text, wanted.text));
  }
}

function ordered(operator: ComparisonOperator, difference: number): boolean {
  switch (operator) {
    case 'eq':
      return difference === 0;
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

/** Order by code points, which is the order of UTF-8 bytes and so of every database; JavaScript's own is another one. */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Halves of surrogate pairs stand for code points above all others. */
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x0800 : unit >= 0xd800 ? unit + 0x2000 : unit);

/** Unassigned: absent, null, empty text, empty list (RFC 7643 section 2.5), and what holds nothing else. */
export function isPresent(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (Array.isArray(value)) return value.some(isPresent);
  return typeof value === 'object' ? Object.values(value).some(isPresent) : true;
}

/** The value a filter names, as an attribute with this definition compares it. */
export const wantedValue = (wanted: Exclude<FilterValue, null>, definition: AttributeDefinition, fold = normaliseName): Comparable | null => comparable(wanted, definition, fold);

/** First characters of a text: so many fit a column that has an index. */
export const PREFIX_LENGTH = 255;

/** By code points, so that no character is cut in half. */
export function prefixOf(text: string): string {
  if (text.length <= PREFIX_LENGTH) return text;
  let end = 0;
  for (let count = 0; count < PREFIX_LENGTH && end < text.length; count += 1) end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

/** Numbers as text in the order of the numbers: the bits of the double, the sign turned so that greater is greater. */
export function orderedText(number: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  const bits = view.getBigUint64(0);
  const flipped = bits >> 63n === 1n ? ~bits & 0xffffffffffffffffn : bits | (1n << 63n);
  return flipped.toString(16).padStart(16, '0');
}

/** What an index of text holds of a value: it sorts as the values do. */
export const indexedText = (value: Comparable): string => (value.kind === 'number' ? orderedText(value.number) : prefixOf(value.text));
