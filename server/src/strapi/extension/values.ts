import { ProvisioningError } from '../../domain/errors';
import { STRAPI_USER_URN } from '../../scim/schema/urns';
import type { ExtensionField } from './fields';

export type Values = Record<string, unknown>;

export const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values of an entry of Strapi as the extension shows them; what has none is left out (RFC 7643 section 2.5). */
export function shownValues(fields: readonly ExtensionField[], row: Values): Values {
  const values: Values = {};
  for (const field of fields) {
    const value = shown(field, row[field.name]);
    if (value !== undefined) values[field.name] = value;
  }
  return values;
}

function shown(field: ExtensionField, stored: unknown): unknown {
  if (stored === null || stored === undefined || stored === '') return undefined;
  const { component } = field;
  if (component !== null) {
    const parts = (Array.isArray(stored) ? stored : [stored]).filter(isValues).map((part) => shownValues(component.fields, part));
    const assigned = parts.filter((part) => Object.keys(part).length > 0);
    if (assigned.length === 0) return undefined;
    return component.repeatable ? assigned : assigned[0];
  }
  switch (field.strapiType) {
    // Databases differ in how they give a time back.
    case 'time':
      return String(stored).replace(/\.0+$/, '');
    // Strapi gives milliseconds as text.
    case 'timestamp':
      return new Date(Number(stored)).toISOString();
    default:
      return stored;
  }
}

/**
 * A value as Strapi stores it; null for none. Checks what Strapi's validation leaves to the database, which would fail
 * or round. Throws `invalid-value` with the path.
 */
export function stored(field: ExtensionField, value: unknown, path = `${STRAPI_USER_URN}:${field.name}`): unknown {
  const { component } = field;
  const none = value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
  if (none) {
    if (field.required) throw new ProvisioningError('invalid-value', `${path}: is required.`, { attribute: path });
    return component?.repeatable ? [] : null;
  }
  if (component === null) return storedScalar(field, value, path);
  if (component.repeatable !== Array.isArray(value)) throw wrong(path, component.repeatable ? 'must be a list.' : 'must be an object.');
  return component.repeatable ? (value as unknown[]).map((part) => storedPart(component.fields, part, path)) : storedPart(component.fields, value, path);
}

/** Sub-attributes without a value are left out: a new component gets Strapi's defaults. */
function storedPart(fields: readonly ExtensionField[], part: unknown, path: string): Values {
  if (!isValues(part)) throw wrong(path, 'must be an object.');
  const values: Values = {};
  for (const field of fields) {
    const value = stored(field, part[field.name], `${path}.${field.name}`);
    if (value !== null) values[field.name] = value;
  }
  return values;
}

function storedScalar(field: ExtensionField, value: unknown, path: string): unknown {
  switch (field.strapiType) {
    case 'integer':
      if (!Number.isInteger(value) || Math.abs(value as number) > 2_147_483_647) throw wrong(path, 'must be a whole number of at most 32 bits.');
      return value;
    case 'biginteger':
      if (typeof value !== 'string' || !isBigInteger(value)) throw wrong(path, 'must be a whole number of at most 64 bits, as text.');
      return value;
    case 'float':
    case 'decimal':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(path, 'must be a number.');
      // Strapi's decimal columns have ten digits, two of them after the point.
      if (field.strapiType === 'decimal' && Math.abs(value) >= 99_999_999.995) throw wrong(path, 'has more digits than Strapi stores.');
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(path, 'must be true or false.');
      return value;
    case 'datetime':
    case 'timestamp':
      if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) throw wrong(path, 'must be a date and time (ISO 8601).');
      return new Date(value).toISOString();
    case 'date':
      if (typeof value !== 'string' || !isDate(value)) throw wrong(path, 'must be a date, YYYY-MM-DD.');
      return value;
    case 'time':
      if (typeof value !== 'string' || !/^(2[0-3]|[01]\d):[0-5]\d:[0-5]\d(\.\d{1,3})?$/.test(value)) throw wrong(path, 'must be a time, HH:MM:SS.');
      return value;
    default:
      if (typeof value !== 'string') throw wrong(path, 'must be a string.');
      return value;
  }
}

function isBigInteger(text: string): boolean {
  if (!/^[+-]?\d{1,19}$/.test(text)) return false;
  return BigInt.asIntN(64, BigInt(text.replace('+', ''))) === BigInt(text.replace('+', ''));
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // The 30th of February is read as a day of March.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const wrong = (path: string, message: string): ProvisioningError => new ProvisioningError('invalid-value', `${path}: ${message}`, { attribute: path });
