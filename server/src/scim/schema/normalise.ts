import type { ObjectType } from '../../contracts/operation';
import type { Resource } from '../../domain/resource/resource';
import type { AttributePath } from '../filter/ast';
import { isAttributeName, splitAttributePath } from '../filter/path';
import { invalidSyntax, invalidValue } from '../messages/error';
import type { SchemaDefinition } from './definition';
import { isForeignUrn, isObject, isUnassigned, isUnsafeName, ownValue, sanitised, type PlainObject } from './json';
import { attributeNamed, coreAttribute, extensionNamed, isCoreUrn, resolvePath, type ResolvedPath } from './lookup';
import { RESOURCE_TYPES } from './resource-types';
import { normaliseValue } from './values';

export interface NormalisedResource {
  resource: Resource;
  /** Attributes that were sent and are not taken, to be logged by name: `password`, and names that are none. */
  dropped: string[];
}

/**
 * What a client POSTs or PUTs (RFC 7644 sections 3.3 and 3.5.1) as a resource in the schema's spelling. readOnly
 * attributes are ignored, unassigned ones left out. `members: []` of a group stays: it says "no members", not "unchanged".
 */
export function normaliseResource(type: ObjectType, body: unknown): NormalisedResource {
  if (!isObject(body)) throw invalidSyntax('The request body must be a JSON object.');
  const builder = new ResourceBuilder(type);
  for (const [name, value] of Object.entries(body)) builder.place(name, value);
  return builder.finish();
}

class ResourceBuilder {
  private readonly resource: Resource = { schemas: [] };
  private readonly dropped: string[] = [];
  private readonly schemas: string[] = [];

  constructor(private readonly type: ObjectType) {}

  place(name: string, sent: unknown): void {
    if (isUnsafeName(name)) return;
    const value = sanitised(sent, name);
    if (name.toLowerCase() === 'schemas') this.schemas.push(...schemasIn(value));
    else if (name.includes(':')) this.placeQualified(name, value);
    else this.placePlain(name, value);
  }

  finish(): NormalisedResource {
    for (const { name, required } of RESOURCE_TYPES[this.type].core.attributes) {
      const value = this.resource[name];
      if (required && (typeof value !== 'string' || value.trim() === '')) throw invalidValue(name, 'is required.');
    }
    const extensions = Object.keys(this.resource).filter((name) => name.includes(':'));
    const spelling = (urn: string): string =>
      isCoreUrn(this.type, urn) ? RESOURCE_TYPES[this.type].core.id : (extensionNamed(this.type, urn)?.id ?? urn);
    this.resource.schemas = [...new Set([RESOURCE_TYPES[this.type].core.id, ...this.schemas.map(spelling), ...extensions])];
    return { resource: this.resource, dropped: this.dropped };
  }

  private placePlain(name: string, value: unknown): void {
    const definition = coreAttribute(this.type, name);
    if (definition !== null) return this.assign({ extension: null, attribute: definition, subAttribute: null }, value);
    const path = name.includes('.') ? splitAttributePath(name) : null;
    const resolved = path === null ? null : resolvePath(path, this.type);
    if (resolved !== null) this.assign(resolved, value);
    else if (!isAttributeName(name)) this.dropped.push(name.slice(0, 100));
    else if (!isUnassigned(value)) this.resource[name] = value;
  }

  /** `urn:...:User`, `urn:...:User:userName`, and what no schema declares. */
  private placeQualified(name: string, value: unknown): void {
    if (isCoreUrn(this.type, name)) {
      if (isObject(value)) for (const [inner, member] of Object.entries(value)) this.placePlain(inner, member);
      return;
    }
    const extension = extensionNamed(this.type, name);
    if (extension !== null) return this.placeExtension(extension, value);
    const path = splitAttributePath(name);
    const resolved = path === null ? null : resolvePath(path, this.type);
    if (resolved !== null) return this.assign(resolved, value);
    const last = name.slice(name.lastIndexOf(':') + 1);
    if (!isForeignUrn(name) || isUnsafeName(last)) this.dropped.push(name.slice(0, 100));
    else if (!isUnassigned(value)) this.placeUndeclared(name, path, value);
  }

  private placeUndeclared(name: string, path: AttributePath | null, value: unknown): void {
    const schema = path?.schema ?? null;
    const known = schema === null ? null : extensionNamed(this.type, schema);
    if (path !== null && schema !== null && isCoreUrn(this.type, schema)) this.placePlain(path.attribute, value);
    else if (isObject(value) && known === null) this.resource[name] = value;
    else if (path !== null && schema !== null && path.subAttribute === null) this.container(known?.id ?? schema)[path.attribute] = value;
    else this.dropped.push(name.slice(0, 100));
  }

  private placeExtension(schema: SchemaDefinition, value: unknown): void {
    if (isUnassigned(value)) return;
    if (!isObject(value)) throw invalidValue(schema.id, 'must be an object.');
    for (const [name, member] of Object.entries(value)) {
      const attribute = attributeNamed(schema.attributes, name);
      if (attribute !== null) this.assign({ extension: schema.id, attribute, subAttribute: null }, member);
      else if (!isUnassigned(member)) this.container(schema.id)[name] = member;
    }
  }

  private assign({ extension, attribute, subAttribute }: ResolvedPath, sent: unknown): void {
    if (attribute === null || attribute.mutability === 'readOnly' || subAttribute?.mutability === 'readOnly') return;
    if (attribute.returned === 'never') {
      if (!this.dropped.includes(attribute.name)) this.dropped.push(attribute.name);
      return;
    }
    const nested = subAttribute === null ? sent : { [subAttribute.name]: sent };
    const value = normaliseValue(attribute, subAttribute !== null && attribute.multiValued ? [nested] : nested, qualified(extension, attribute.name));
    if (value === undefined) {
      if (this.type === 'Group' && attribute.name === 'members' && Array.isArray(sent)) this.resource.members = [];
      return;
    }
    const container = extension === null ? this.resource : this.container(extension);
    const present = ownValue(container, attribute.name);
    container[attribute.name] = subAttribute !== null && isObject(value) && isObject(present) ? { ...present, ...value } : value;
  }

  private container(urn: string): PlainObject {
    const present = ownValue(this.resource, urn);
    if (isObject(present)) return present;
    const made: PlainObject = {};
    this.resource[urn] = made;
    return made;
  }
}

const qualified = (extension: string | null, name: string): string => (extension === null ? name : `${extension}:${name}`);

function schemasIn(value: unknown): string[] {
  const list = Array.isArray(value) ? value : isUnassigned(value) ? [] : [value];
  return list.map((urn: unknown) => {
    if (typeof urn !== 'string') throw invalidValue('schemas', 'each value must be a string.');
    return urn;
  });
}
