import { invalidSyntax, invalidValue, quoted } from '../messages/error';
import { DATE_TIME } from './comparison';
import type { AttributeDefinition, SchemaDefinition } from './definition';
import { isObject, type PlainObject } from './json';
import { attributeNamed, coreAttribute, extensionNamed, isCoreUrn } from './lookup';
import { typeDefinition, type TypeRef } from './resource-types';
import { elementsIn, spread } from './values';

/**
 * What a strict connection refuses before anything is read into a resource: RFC 7643 to the letter, and the
 * interoperability profile's rule that whatever no schema declares is an error. Reading itself stays the tolerant one.
 */
export function checkResource(type: TypeRef, body: PlainObject, acceptPassword: boolean): void {
  const declared = checkSchemas(type, body);
  for (const [name, value] of Object.entries(body)) {
    if (name.toLowerCase() === 'schemas') continue;
    if (name.includes(':')) checkExtension(type, name, value, declared);
    else checkAttribute(declaredAttribute(type, name, acceptPassword), name, value);
  }
}

/** An attribute of the core schema as the connection has it; null where it has none. */
export function declaredAttribute(type: TypeRef, name: string, acceptPassword: boolean): AttributeDefinition | null {
  const definition = coreAttribute(type, name);
  return definition?.returned === 'never' && !acceptPassword ? null : definition;
}

/** The members of an extension, all of which its schema must declare. */
export function checkMembers(schema: SchemaDefinition, value: unknown): void {
  if (value === null) return;
  if (!isObject(value)) throw invalidValue(schema.id, 'must be an object.');
  for (const [name, member] of Object.entries(value)) checkAttribute(attributeNamed(schema.attributes, name), `${schema.id}:${name}`, member);
}

/** A value of the type its definition says (RFC 7643 section 2.3), without any of the short forms providers use. */
export function checkValue(definition: AttributeDefinition, value: unknown, path: string, isElement = false): void {
  if (value === null) return;
  if (definition.multiValued && !isElement) {
    if (!Array.isArray(value)) throw invalidValue(path, 'must be a list.');
    for (const item of value) checkValue(definition, item, path, true);
    if (value.filter((item) => isObject(item) && item.primary === true).length > 1) throw invalidValue(path, 'only one value can be primary.');
    return;
  }
  switch (definition.type) {
    case 'complex':
      if (!isObject(value)) throw invalidValue(path, 'must be an object.');
      for (const [name, member] of Object.entries(value)) checkAttribute(attributeNamed(definition.subAttributes, name), `${path}.${name}`, member);
      if (spread(definition, value) !== value || elementsIn(definition, [value])[0] !== value) throw invalidValue(path, 'must be given in full, not packed into the text of one value.');
      return;
    case 'boolean':
      if (typeof value !== 'boolean') throw invalidValue(path, 'must be true or false, without quotes.');
      return;
    case 'dateTime':
      if (typeof value !== 'string' || !DATE_TIME.test(value)) throw invalidValue(path, 'must be a date and time such as 2026-01-31T12:00:00Z.');
      return;
    case 'binary':
      if (typeof value !== 'string' || !BASE64.test(value)) throw invalidValue(path, 'must be base64.');
      return;
    case 'integer':
    case 'decimal':
      if (typeof value !== 'number') throw invalidValue(path, 'must be a number.');
      return;
    default:
      if (typeof value !== 'string') throw invalidValue(path, 'must be a string.');
  }
}

/** RFC 7643 section 2.3.6. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

function checkAttribute(definition: AttributeDefinition | null, path: string, value: unknown): void {
  if (definition === null) throw invalidSyntax(`${quoted(path)}: no schema has this attribute.`);
  // RFC 7644 section 3.5.1: what a client sends for a read-only attribute is ignored, whatever it is.
  if (definition.mutability !== 'readOnly') checkValue(definition, value, path);
}

/** RFC 7643 section 3: `schemas` is there, names the core schema and nothing unknown. */
function checkSchemas(type: TypeRef, body: PlainObject): Set<string> {
  const key = Object.keys(body).find((name) => name.toLowerCase() === 'schemas');
  const schemas = key === undefined ? undefined : body[key];
  const { core, name } = typeDefinition(type);
  if (!Array.isArray(schemas)) throw invalidSyntax(`schemas is required and must name ${core.id}.`);
  const named = new Set<string>();
  for (const urn of schemas) {
    if (typeof urn !== 'string') throw invalidSyntax('schemas: each value must be a string.');
    if (!isCoreUrn(type, urn) && extensionNamed(type, urn) === null) throw invalidSyntax(`schemas: ${quoted(urn)} is no schema of ${name}.`);
    if (named.has(urn.toLowerCase())) throw invalidSyntax(`schemas: ${quoted(urn)} is given twice.`);
    named.add(urn.toLowerCase());
  }
  if (!named.has(core.id.toLowerCase())) throw invalidSyntax(`schemas must name ${core.id}.`);
  return named;
}

function checkExtension(type: TypeRef, urn: string, value: unknown, declared: ReadonlySet<string>): void {
  const schema = extensionNamed(type, urn);
  if (schema === null) throw invalidSyntax(`${quoted(urn)} is no extension of ${typeDefinition(type).name}.`);
  if (!declared.has(schema.id.toLowerCase())) throw invalidSyntax(`schemas must name ${schema.id}, because the body carries it.`);
  checkMembers(schema, value);
}
