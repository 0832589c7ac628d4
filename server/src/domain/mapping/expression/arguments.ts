import { fault } from './budget';

/** Arguments of functions. Nothing is an empty text: what a person lacks must not stop the rule. */
export function text(value: unknown, name: string): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
    case 'number':
    case 'boolean':
      return String(value);
  }
  if (value === null || value === undefined) return '';
  throw fault(`${name}() takes text here, not ${Array.isArray(value) ? 'a list' : 'an object'}.`);
}

export function list(value: unknown, name: string): unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw fault(`${name}() takes a list here.`);
}

export function count(value: unknown, name: string): number {
  const number = Number(value);
  if ((typeof value === 'bigint' || typeof value === 'number') && Number.isSafeInteger(number) && number >= 0) return number;
  throw fault(`${name}() takes a whole number of 0 or more here.`);
}

export const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** Own member of an object of the input or of a map that is written out. */
export const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : null;
