import { invalidValue } from '../messages/error';
import type { AttributeDefinition } from './definition';
import { isObject, isUnassigned, type PlainObject } from './json';
import { attributeNamed } from './lookup';
import { isPacked, unpackedRole, unpackedRoles } from './packed-roles';

/**
 * Brings a sanitised value to the form its definition asks for (RFC 7643 section 2.3); undefined stands for unassigned.
 * Tolerant where providers are known to differ, 400 `invalidValue` where the type is wrong.
 */
export function normaliseValue(definition: AttributeDefinition, sent: unknown, path = definition.name): unknown {
  if (!definition.multiValued) return normaliseSingle(definition, sent, path);
  if (isUnassigned(sent)) return undefined;
  const value = definition.name === 'roles' && isPacked(sent) ? [sent] : sent;
  if (!Array.isArray(value)) throw invalidValue(path, 'must be a list.');
  const list = normaliseList(definition, value, path);
  return list.length === 0 ? undefined : list;
}

/** The elements of a multi-valued attribute that are assigned; at most one of them primary (RFC 7643 section 2.4). */
export function normaliseList(definition: AttributeDefinition, values: readonly unknown[], path = definition.name): unknown[] {
  const list = elementsIn(definition, values).map((item) => normaliseSingle(definition, item, path)).filter((item) => item !== undefined);
  return onePrimary(definition, list, []);
}

/** The elements of a list, also those that are packed into the text of one. */
export const elementsIn = (definition: AttributeDefinition, values: readonly unknown[]): readonly unknown[] =>
  definition.name === 'roles' ? unpackedRoles(values) : values;

/** One value: of a singular attribute, of a sub-attribute, or one element of a multi-valued attribute. */
export function normaliseSingle(definition: AttributeDefinition, value: unknown, path: string): unknown {
  if (isUnassigned(value)) return undefined;
  switch (definition.type) {
    case 'any':
      return value;
    case 'complex':
      return normaliseComplex(definition, value, path);
    case 'boolean':
      return booleanOf(value, path);
    case 'integer':
    case 'decimal':
      if (typeof value !== 'number' || (definition.type === 'integer' && !Number.isInteger(value))) {
        throw invalidValue(path, `must be ${definition.type === 'integer' ? 'an integer' : 'a number'}.`);
      }
      return value;
    case 'dateTime':
      if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) throw invalidValue(path, 'must be a date and time (ISO 8601).');
      return value;
    default:
      if (typeof value === 'number' && NUMBER_LIKE.has(definition.name)) return String(value);
      if (typeof value !== 'string') throw invalidValue(path, 'must be a string.');
      return value;
  }
}

/** Texts that providers send as the number they look like; a strict connection has refused that. */
const NUMBER_LIKE: ReadonlySet<string> = new Set(['externalId', 'employeeNumber', 'costCenter', 'postalCode']);

/** Entra ID sends "True" and "False" unless its tenant has the compliance flag. */
function booleanOf(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw invalidValue(path, 'must be true or false.');
}

function normaliseComplex(definition: AttributeDefinition, sent: unknown, path: string): PlainObject | undefined {
  const value = spread(definition, sent);
  if (!isObject(value)) throw invalidValue(path, definition.multiValued ? 'each value must be an object.' : 'must be an object.');
  const result: PlainObject = {};
  for (const [name, member] of Object.entries(value)) {
    const sub = attributeNamed(definition.subAttributes, name);
    if (sub?.mutability === 'readOnly') continue;
    const normalised = sub === null ? (isUnassigned(member) ? undefined : member) : normaliseSingle(sub, member, `${path}.${sub.name}`);
    if (normalised !== undefined) result[sub?.name ?? name] = normalised;
  }
  if (definition.name === 'members' && typeof result.value !== 'string') throw invalidValue(path, 'each member needs a value, the id of a user or group.');
  return Object.keys(result).length === 0 ? undefined : result;
}

/** Short forms of a complex value that providers send, in full. */
export function spread(definition: AttributeDefinition, value: unknown): unknown {
  const hasValue = attributeNamed(definition.subAttributes, 'value') !== null;
  const object = typeof value === 'string' && hasValue ? { value } : value;
  if (!isObject(object)) return object;
  if (definition.name === 'roles') return unpackedRole(object);
  // OneLogin's templates name the manager's id so (reconstructed from its documentation).
  if (definition.name === 'manager' && object.value === undefined && typeof object.managerId === 'string') {
    const { managerId, ...rest } = object;
    return { ...rest, value: managerId };
  }
  return object;
}

/**
 * One value that came in a list of one, as Microsoft's SCIM library writes PATCH operations: `[{ "$ref": ..., "value": ... }]`
 * for the manager, `[{ "value": "Babs" }]` for a plain text.
 */
export function outOfList(definition: AttributeDefinition, sent: unknown): unknown {
  const [only, ...others]: unknown[] = Array.isArray(sent) ? sent : [];
  if (!isObject(only) || others.length > 0) return sent;
  if (definition.type === 'complex') return only;
  return Object.hasOwn(only, 'value') ? only.value : sent;
}

/**
 * At most one element is primary (RFC 7643 section 2.4). A newly primary one demotes the older: elements that stood
 * before are recognised by identity.
 */
export function onePrimary(definition: AttributeDefinition, list: unknown[], before: readonly unknown[]): unknown[] {
  if (attributeNamed(definition.subAttributes, 'primary') === null) return list;
  const primaries = list.filter((item) => isObject(item) && item.primary === true);
  if (primaries.length < 2) return list;
  const known = new Set(before);
  const winner = primaries.find((item) => !known.has(item)) ?? primaries[0];
  return list.map((item) => (isObject(item) && item.primary === true && item !== winner ? { ...item, primary: false } : item));
}
