import { Optional } from '@marcbachmann/cel-js';
import { isUnsafeName } from '../../../scim/schema/json';
import { fault, LIMITS } from './budget';

const MAX_DEPTH = 12;

/** A name that several objects may want: the first candidate that is free at the target is taken. */
export class UniqueValue {
  constructor(readonly candidates: readonly string[]) {}
}

/**
 * A copy of plain JSON as expressions see it: whole numbers are integers, objects have no prototype, and nothing that an
 * expression does can reach the original.
 */
export function toExpression(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw fault('The person has a value that is nested too deeply.');
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) {
    if (value.length > LIMITS.list) throw fault(`The person has more than ${LIMITS.list} values of an attribute.`);
    return Array.from(value, (item: unknown) => toExpression(item, depth + 1));
  }
  if (value === undefined || value === null || typeof value !== 'object') return value ?? null;
  const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) copy[name] = toExpression(member, depth + 1);
  }
  return copy;
}

/** The result as plain JSON. Throws where it is nothing that an attribute can hold. */
export function fromExpression(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw fault('The result is nested too deeply.');
  switch (typeof value) {
    case 'bigint': {
      const number = Number(value);
      if (!Number.isSafeInteger(number)) throw fault(`The number ${value} is too large.`);
      return number;
    }
    case 'number':
      if (!Number.isFinite(value)) throw fault('The result is not a number.');
      return value;
    case 'string':
    case 'boolean':
      return value;
    case 'undefined':
      return null;
  }
  if (value === null) return null;
  if (value instanceof UniqueValue && depth === 0) return value;
  if (value instanceof Optional) return fromExpression(value.hasValue() ? value.value() : null, depth);
  if (Array.isArray(value)) return value.map((item) => fromExpression(item, depth + 1));
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) throw fault('The result is nothing that an attribute can hold.');
  const members = Object.entries(value as object).filter(([name]) => !isUnsafeName(name));
  return Object.fromEntries(members.map(([name, member]) => [name, fromExpression(member, depth + 1)]));
}
