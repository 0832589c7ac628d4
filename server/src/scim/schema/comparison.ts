import type { ComparisonOperator, FilterValue } from '../filter/ast';
import { quoted, ScimError } from '../messages/error';
import type { AttributeDefinition } from './definition';
import { attributeNamed } from './lookup';

const ORDERED: ReadonlySet<ComparisonOperator> = new Set(['gt', 'ge', 'lt', 'le']);
const PARTIAL: ReadonlySet<ComparisonOperator> = new Set(['co', 'sw', 'ew']);

/** RFC 7643 section 2.3.5. */
export const DATE_TIME = /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/;
/** A day will do on a tolerant connection; Date.parse alone would take any text with a number in it. */
const DATE = /^[+-]?\d{4,6}-\d\d/;

export interface Comparison {
  operator: ComparisonOperator;
  value: FilterValue;
}

/**
 * What the grammar cannot know of a comparison (RFC 7644 section 3.4.2.2): booleans and binaries have no order, a dateTime
 * is compared with another one, as a whole. Strict: a boolean is not quoted. A complex attribute compares by its `value`.
 */
export function checkComparison(definition: AttributeDefinition | null, { operator, value }: Comparison, path: string, strict: boolean): void {
  const type = definition?.type === 'complex' ? attributeNamed(definition.subAttributes, 'value')?.type : definition?.type;
  const refuse = (reason: string): never => {
    throw new ScimError(400, `The filter compares ${quoted(path)} with ${operator} ${reason}`, 'invalidFilter');
  };
  if ((type === 'boolean' || type === 'binary') && ORDERED.has(operator)) refuse(`; a ${type} has no order.`);
  if (type === 'boolean' && PARTIAL.has(operator)) refuse('; a boolean is true or false and has no parts.');
  if (value === null) return;
  if (type === 'boolean' && strict && typeof value !== 'boolean') refuse(`${quoted(String(value))}; a boolean is true or false, without quotes.`);
  if (type !== 'dateTime') return;
  if (PARTIAL.has(operator)) refuse('; a time has neither beginning nor end.');
  if (!isTime(value, strict)) refuse(`${quoted(String(value))}; it must be a date and time such as 2026-01-31T12:00:00Z.`);
}

const isTime = (value: FilterValue, strict: boolean): boolean =>
  typeof value === 'string' && (strict ? DATE_TIME : DATE).test(value) && !Number.isNaN(Date.parse(value));
