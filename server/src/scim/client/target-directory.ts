import { randomUUID } from 'node:crypto';
import type { ConnectionTestResult } from '../../contracts/connection';
import type { AttributeChange, HttpExchange, ObjectType } from '../../contracts/operation';
import { ProvisioningError } from '../../domain/errors';
import { clearAt } from '../../domain/mapping/path';
import { mergeResources } from '../../domain/resource/merge';
import type { Resource } from '../../domain/resource/resource';
import type { DirectoryEntry, DirectoryPage, ListQuery, SourceDirectory } from '../../ports/directory';
import type { AttributePath } from '../filter/ast';
import { matches } from '../filter/evaluate';
import { formatFilter } from '../filter/format';
import { splitAttributePath } from '../filter/path';
import { isObject, isUnassigned, type PlainObject } from '../schema/json';
import { RESOURCE_TYPES } from '../schema/resource-types';
import { TargetEndpoint, unexpected, type Answer, type TargetOptions } from './exchange';
import { ListReader } from './list-pages';
import { membersPatch, withMembers } from './members';
import { patchBody } from './patch-body';
import { probeTarget } from './probe';

/** A SCIM application as a directory: the client's side of RFC 7644. One object per connection, it remembers what it learns. */
export class ScimTargetDirectory implements SourceDirectory {
  private readonly endpoint: TargetEndpoint;
  private readonly lists: ListReader;
  /** The application answered 405 or 501 to a PATCH: from then on everything is a PUT. */
  private withoutPatch = false;

  constructor(options: TargetOptions) {
    this.endpoint = new TargetEndpoint(options);
    this.lists = new ListReader(this.endpoint);
  }

  async read(type: ObjectType, ref: string): Promise<DirectoryEntry | null> {
    const answer = await this.endpoint.send('GET', pathOf(type, ref), undefined, [404]);
    return answer.status === 404 ? null : entryOf(answer);
  }

  async find(type: ObjectType, attribute: string, value: string): Promise<DirectoryEntry[]> {
    const path = attributePath(attribute);
    const filter = { kind: 'compare', path, operator: 'eq', value } as const;
    const query = `filter=${encodeURIComponent(formatFilter(filter))}&startIndex=1&count=2`;
    const answer = await this.endpoint.send('GET', `${pathOf(type)}?${query}`, undefined, [404]);
    if (answer.status === 404) return [];
    // An application that ignores the filter answers with just anybody: linking them would give one person's account to another.
    return resourcesOf(answer)
      .map((resource) => entryFrom(resource, answer.exchange))
      .filter((entry) => matches(filter, entry.resource, type));
  }

  list(type: ObjectType, query: ListQuery): Promise<DirectoryPage> {
    return this.lists.page(type, query);
  }

  async create(type: ObjectType, resource: Resource): Promise<DirectoryEntry> {
    let answer: Answer;
    try {
      answer = await this.endpoint.send('POST', pathOf(type), withoutDerived(resource));
    } catch (error) {
      // There is no object yet that could be missing: the address itself is wrong.
      if (error instanceof ProvisioningError && error.code === 'not-found' && error.exchange !== undefined) {
        throw unexpected('The application has no SCIM endpoint at this address.', error.exchange);
      }
      throw error;
    }
    if (typeof answer.body?.id === 'string' && answer.body.id !== '') return entryOf(answer);
    return this.lookUpCreated(type, resource, answer.exchange);
  }

  async update(type: ObjectType, ref: string, desired: Resource, changes: AttributeChange[]): Promise<DirectoryEntry> {
    if (changes.length === 0) return { ref, resource: { ...desired, id: ref } };
    if (!this.withoutPatch) {
      const answer = await this.endpoint.send('PATCH', pathOf(type, ref), patchBody(changes), [405, 501]);
      if (answer.status !== 405 && answer.status !== 501) return updated(answer, ref, desired);
      this.withoutPatch = true;
    }
    const whole = await this.withChanges(type, ref, desired, changes);
    return updated(await this.endpoint.send('PUT', pathOf(type, ref), { ...withoutDerived(whole), id: ref }), ref, desired);
  }

  async updateMembers(ref: string, add: string[], remove: string[]): Promise<{ exchange?: HttpExchange }> {
    if (add.length + remove.length === 0) return {};
    if (!this.withoutPatch) {
      const answer = await this.endpoint.send('PATCH', pathOf('Group', ref), membersPatch(add, remove), [405, 501]);
      if (answer.status !== 405 && answer.status !== 501) return { exchange: answer.exchange };
      this.withoutPatch = true;
    }
    const held = await this.read('Group', ref);
    if (held === null) throw new ProvisioningError('not-found', `${ref} no longer exists at the application.`);
    const whole = { ...withoutDerived(held.resource), id: ref, members: withMembers(held.resource.members, add, remove) };
    return { exchange: (await this.endpoint.send('PUT', pathOf('Group', ref), whole)).exchange };
  }

  async delete(type: ObjectType, ref: string): Promise<void> {
    await this.endpoint.send('DELETE', pathOf(type, ref), undefined, [404]);
  }

  /** "Test connection": tries what provisioning will need, without writing anything. */
  probe(): Promise<ConnectionTestResult> {
    return probeTarget(this.endpoint, randomUUID());
  }

  /** A PUT replaces all of the object (RFC 7644 section 3.5.1): what is not ours goes back as it is. */
  private async withChanges(type: ObjectType, ref: string, desired: Resource, changes: AttributeChange[]): Promise<Resource> {
    const held = await this.read(type, ref);
    if (held === null) throw new ProvisioningError('not-found', `${ref} no longer exists at the application.`);
    const whole = structuredClone(mergeResources(held.resource, desired));
    delete whole.groups;
    for (const { path, after } of changes) if (isUnassigned(after)) clearAt(whole, path);
    whole.schemas = [...new Set([...held.resource.schemas, ...desired.schemas])];
    return whole;
  }

  /** Some applications answer a creation without the object: it has to be somewhere. */
  private async lookUpCreated(type: ObjectType, resource: Resource, exchange: HttpExchange): Promise<DirectoryEntry> {
    for (const attribute of ['externalId', type === 'User' ? 'userName' : 'displayName']) {
      const value = resource[attribute];
      if (typeof value !== 'string' || value === '') continue;
      const [hit, ...more] = await this.find(type, attribute, value);
      // The log is to show the request that created it, not the search afterwards.
      if (hit !== undefined && more.length === 0) return { ...hit, exchange };
    }
    throw unexpected('The application answered a creation without an id, and the new object cannot be found.', exchange);
  }
}

function pathOf(type: ObjectType, ref?: string): string {
  const collection = RESOURCE_TYPES[type].endpoint;
  return ref === undefined ? collection : `${collection}/${encodeURIComponent(ref)}`;
}

function attributePath(attribute: string): AttributePath {
  const path = splitAttributePath(attribute);
  if (path === null) throw new ProvisioningError('invalid-filter', `${attribute} is not an attribute that can be searched.`);
  return path;
}

/** What the application derives itself; some refuse an object that carries it. */
function withoutDerived({ id: _id, meta: _meta, ...resource }: Resource): PlainObject {
  return resource;
}

function resourcesOf(answer: Answer): PlainObject[] {
  const { body, exchange } = answer;
  const resources = body?.Resources ?? (body?.totalResults === 0 ? [] : undefined);
  if (!Array.isArray(resources)) throw unexpected('The application answered a search with something that is not a SCIM list.', exchange);
  // "Nobody" would make a second object of whoever it is.
  if (resources.length === 0 && typeof body?.totalResults === 'number' && body.totalResults > 0) {
    throw unexpected(`The application says that it found ${body.totalResults} and lists none of them.`, exchange);
  }
  return resources.filter(isObject);
}

function entryOf(answer: Answer): DirectoryEntry {
  if (answer.body === null) throw unexpected('The application answered without the object.', answer.exchange);
  return entryFrom(answer.body, answer.exchange);
}

function entryFrom(body: PlainObject, exchange: HttpExchange): DirectoryEntry {
  const { id } = body;
  if (typeof id !== 'string' || id === '') throw unexpected('The application answered with an object without id, which is not SCIM.', exchange);
  return { ref: id, resource: { ...body, schemas: schemasOf(body), id } as Resource, exchange };
}

function schemasOf(body: PlainObject): string[] {
  return Array.isArray(body.schemas) ? body.schemas.filter((urn): urn is string => typeof urn === 'string') : [];
}

/** 204 is as good as 200 (RFC 7644 section 3.5.2): then the object is what was asked for. */
function updated(answer: Answer, ref: string, desired: Resource): DirectoryEntry {
  const resource = answer.body === null ? desired : ({ ...answer.body, schemas: schemasOf(answer.body) } as Resource);
  return { ref, resource: { ...resource, id: ref }, exchange: answer.exchange };
}
