import { invalidValue } from '../messages/error';
import { checkCount, isObject, sanitised, type PlainObject } from './json';

/**
 * Entra ID's app roles arrive as a JSON text, alone or inside `value`: {"id":..,"value":..,"displayName":..}, or a list
 * of such. Text that only looks like JSON is the name of a role.
 */
function parsed(text: unknown): unknown {
  if (typeof text !== 'string' || !/^\s*[[{]/.test(text)) return undefined;
  let inner: unknown;
  try {
    inner = JSON.parse(text);
  } catch {
    return undefined;
  }
  // What is inside a text was not looked at with the body.
  return sanitised(inner, 'roles');
}

export const isPacked = (value: unknown): boolean => parsed(value) !== undefined;

/** One role; what its text does not say stays as it was sent. */
export function unpackedRole(role: PlainObject): PlainObject {
  const inner = parsed(role.value);
  return isObject(inner) ? (named(role, inner) ?? role) : role;
}

/** The roles of a list, several of which may be in one text. */
export function unpackedRoles(values: readonly unknown[]): readonly unknown[] {
  const list = values.flatMap((item: unknown): unknown[] => {
    const role = typeof item === 'string' ? { value: item } : item;
    const inner = isObject(role) ? parsed(role.value) : undefined;
    return isObject(role) && Array.isArray(inner) ? inner.map((element: unknown) => elementOf(role, element)) : [item];
  });
  checkCount(list.length, 'roles');
  return list;
}

function elementOf(role: PlainObject, element: unknown): PlainObject {
  const found = isObject(element) ? named(role, element) : { ...role, value: element };
  if (found === null) throw invalidValue('roles', 'each role needs a value, a displayName or an id.');
  return found;
}

/** Null where the text names no role. */
function named(role: PlainObject, inner: PlainObject): PlainObject | null {
  const text = (name: string): string | undefined => {
    const part = inner[name];
    return typeof part === 'string' && part !== '' ? part : undefined;
  };
  const value = text('value') ?? text('displayName') ?? text('id');
  if (value === undefined) return null;
  const display = text('display') ?? text('displayName');
  return { ...role, value, ...(display === undefined ? {} : { display }) };
}
