import type { Resource } from '../../domain/resource/resource';
import type { AttributePath } from '../filter/ast';
import { isAttributeName, splitAttributePath } from '../filter/path';
import { invalidSyntax, invalidValue } from '../messages/error';
import { TOLERANT, type Acceptance } from './acceptance';
import type { SchemaDefinition } from './definition';
import { checkCount, isForeignUrn, isObject, isUnassigned, isUnsafeName, ownValue, sanitised, type PlainObject } from './json';
import { attributeNamed, coreAttribute, extensionNamed, isCoreUrn, resolvePath, type ResolvedPath } from './lookup';
import { memberIds, MEMBERS } from './members';
import { notTaken } from './not-taken';
import { typeDefinition, type TypeRef } from './resource-types';
import { isSecretName, tellDropped, withoutSecrets } from './secrets';
import { checkResource } from './strict';
import { normaliseValue } from './values';

export interface NormalisedResource {
  resource: Resource;
  /** What was sent and is not taken, to be logged by name: passwords, names that are none, what the site has no field for. */
  dropped: string[];
}

/**
 * What a client POSTs or PUTs (RFC 7644 sections 3.3 and 3.5.1) as a resource in the schema's spelling. readOnly
 * attributes are ignored, unassigned ones left out. `members: []` of a group stays: it says "no members", not "unchanged".
 */
export function normaliseResource(type: TypeRef, body: unknown, acceptance = TOLERANT): NormalisedResource {
  if (!isObject(body)) throw invalidSyntax('The request body must be a JSON object.');
  if (acceptance.strict) checkResource(type, body, acceptance.acceptPassword);
  const builder = new ResourceBuilder(type, acceptance);
  checkCount(Object.keys(body).length, 'The resource');
  for (const [name, value] of Object.entries(body)) builder.place(name, value);
  return builder.finish();
}

class ResourceBuilder {
  private readonly resource: Resource = { schemas: [] };
  private readonly dropped = new Set<string>();
  private readonly schemas: string[] = [];

  constructor(
    private readonly type: TypeRef,
    private readonly acceptance: Acceptance
  ) {}

  place(name: string, sent: unknown): void {
    if (isUnsafeName(name)) return;
    if (coreAttribute(this.type, name) === MEMBERS) return this.placeMembers(sent);
    const value = sanitised(sent, name);
    if (name.toLowerCase() === 'schemas') this.schemas.push(...schemasIn(value));
    else if (name.includes(':')) this.placeQualified(name, value);
    else this.placePlain(name, value);
  }

  finish(): NormalisedResource {
    for (const { name, required } of typeDefinition(this.type).core.attributes) {
      const value = this.resource[name];
      if (required && (typeof value !== 'string' || value.trim() === '')) throw invalidValue(name, 'is required.');
    }
    const extensions = Object.keys(this.resource).filter((name) => name.includes(':'));
    const spelling = (urn: string): string =>
      isCoreUrn(this.type, urn) ? typeDefinition(this.type).core.id : (extensionNamed(this.type, urn)?.id ?? urn);
    this.resource.schemas = [...new Set([typeDefinition(this.type).core.id, ...this.schemas.map(spelling), ...extensions])];
    return { resource: this.resource, dropped: [...this.dropped] };
  }

  private placePlain(name: string, sent: unknown): void {
    const value = this.withoutSecrets(name, sent);
    const definition = coreAttribute(this.type, name);
    if (definition !== null) return this.assign({ extension: null, attribute: definition, subAttribute: null }, value);
    const path = name.includes('.') ? splitAttributePath(name) : null;
    const resolved = path === null ? null : resolvePath(path, this.type);
    if (resolved !== null) this.assign(resolved, value);
    else if (!isAttributeName(name) || isSecretName(name)) this.drop(name);
    else if (!isUnassigned(value)) this.resource[name] = value;
  }

  /** An empty list says that nobody is to be a member, which is more than saying nothing. */
  private placeMembers(sent: unknown): void {
    if (!Array.isArray(sent) && !isUnassigned(sent)) throw invalidValue('members', 'must be a list.');
    if (Array.isArray(sent)) this.resource.members = memberIds(sent).map((value) => ({ value }));
  }

  /** `urn:...:User`, `urn:...:User:userName`, and what no schema declares. */
  private placeQualified(name: string, sent: unknown): void {
    if (isCoreUrn(this.type, name)) {
      if (isObject(sent)) for (const [inner, member] of Object.entries(sent)) this.placePlain(inner, member);
      return;
    }
    const value = this.withoutSecrets(name, sent);
    for (const unknown of notTaken(this.type, name, value)) this.drop(unknown);
    const extension = extensionNamed(this.type, name);
    if (extension !== null) return this.placeExtension(extension, value);
    const path = splitAttributePath(name);
    const resolved = path === null ? null : resolvePath(path, this.type);
    if (resolved !== null) return this.assign(resolved, value);
    const last = name.slice(name.lastIndexOf(':') + 1);
    if (!isForeignUrn(name) || isUnsafeName(last) || isSecretName(name)) this.drop(name);
    else if (!isUnassigned(value)) this.placeUndeclared(name, path, value);
  }

  private placeUndeclared(name: string, path: AttributePath | null, value: unknown): void {
    const schema = path?.schema ?? null;
    const known = schema === null ? null : extensionNamed(this.type, schema);
    if (path !== null && schema !== null && isCoreUrn(this.type, schema)) this.placePlain(path.attribute, value);
    else if (isObject(value) && known === null) {
      if (Object.keys(value).length > 0) this.resource[name] = value;
    } else if (path !== null && schema !== null && path.subAttribute === null) this.container(known?.id ?? schema)[path.attribute] = value;
    else this.drop(name);
  }

  private drop(name: string): void {
    tellDropped(this.dropped, name);
  }

  private withoutSecrets(name: string, value: unknown): unknown {
    return withoutSecrets(value, name, (path) => {
      this.drop(path);
    });
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
    if (attribute === MEMBERS && subAttribute === null) return this.placeMembers(sent);
    if (attribute === null || attribute.mutability === 'readOnly' || subAttribute?.mutability === 'readOnly') return;
    if (attribute.returned === 'never' && !this.acceptance.acceptPassword) {
      this.drop(attribute.name);
      return;
    }
    const nested = subAttribute === null ? sent : { [subAttribute.name]: sent };
    const value = normaliseValue(attribute, subAttribute !== null && attribute.multiValued ? [nested] : nested, qualified(extension, attribute.name));
    if (value === undefined) return;
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
