import { invalidSyntax, invalidValue } from '../messages/error';

/** Deeper than any attribute of a schema; what is deeper is an attack on whoever walks it. */
export const MAX_DEPTH = 12;
export const MAX_STRING_BYTES = 65_536;
/** Values of one attribute, and attributes of one object. A group's members are counted by the size of the body only. */
export const MAX_VALUES = 1_000;

/** Names that could reach a prototype once they become keys. */
const UNSAFE = new Set(['__proto__', 'constructor', 'prototype']);

export const isUnsafeName = (name: string): boolean => UNSAFE.has(name.toLowerCase());

/** What may name somebody's own schema; anything else in front of a colon must not become a key. */
export const isForeignUrn = (name: string): boolean => /^(?:urn:|https?:)/i.test(name);

export type PlainObject = Record<string, unknown>;

export const isObject = (value: unknown): value is PlainObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Unassigned has three spellings (RFC 7643 section 2.5): null and the empty list, and "" as providers send it. */
export const isUnassigned = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Value of an own member; inherited ones do not exist for us. */
export const ownValue = (object: PlainObject, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined);

/** A copy with one member set or, for undefined, without it. The name must be one that may become a key. */
export function withMember(object: PlainObject, name: string, value: unknown): PlainObject {
  if (value !== undefined) return { ...object, [name]: value };
  const { [name]: _removed, ...rest } = object;
  return rest;
}

/** Own member by its name without regard to case; the exact spelling wins. */
export function keyAnyCase(object: PlainObject, name: string): string | null {
  if (Object.hasOwn(object, name)) return name;
  const wanted = name.toLowerCase();
  return Object.keys(object).find((key) => key.toLowerCase() === wanted) ?? null;
}

/** Throws 400 where text is not what a database can hold as text, or is longer than 64 kB. */
export function checkText(text: string, attribute: string): void {
  // A UTF-16 unit is at most three bytes of UTF-8: short strings need not be measured.
  if (text.length > MAX_STRING_BYTES || (text.length * 3 > MAX_STRING_BYTES && Buffer.byteLength(text) > MAX_STRING_BYTES)) {
    throw invalidValue(attribute, `a string may not be longer than ${MAX_STRING_BYTES} bytes.`);
  }
  if (text.includes('\u0000')) throw invalidValue(attribute, 'a NUL character is not allowed.');
  if (/[\ud800-\udfff]/u.test(text)) throw invalidValue(attribute, 'the text holds half of a surrogate pair.');
}

/** Throws 400 before anybody walks what is longer than any person's data. */
export function checkCount(count: number, attribute: string): void {
  if (count <= MAX_VALUES || /(?:^|[:.])members$/i.test(attribute)) return;
  throw invalidValue(attribute, `more than ${MAX_VALUES} values.`);
}

/**
 * A copy of untrusted JSON that is safe to keep: without members whose names could reach a prototype, every text
 * checked, nesting limited. Names the attribute it stands in when it refuses.
 */
export function sanitised(value: unknown, attribute: string, depth = 0): unknown {
  if (typeof value === 'string') {
    checkText(value, attribute);
    return value;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalidValue(attribute, 'is not a JSON number.');
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) throw invalidSyntax(`${attribute.slice(0, 100)}: nested deeper than ${MAX_DEPTH} levels.`);
  if (Array.isArray(value)) {
    checkCount(value.length, attribute);
    return value.map((item: unknown) => sanitised(item, attribute, depth + 1));
  }
  checkCount(Object.keys(value).length, attribute);
  const copy: PlainObject = {};
  for (const [name, member] of Object.entries(value)) {
    if (isUnsafeName(name)) continue;
    checkText(name, attribute);
    copy[name] = sanitised(member, attribute, depth + 1);
  }
  return copy;
}
