import type { InboundPolicies } from '../../../server/src/contracts/connection';
import type { ObjectType } from '../../../server/src/contracts/operation';
import { DEFAULT_POLICIES } from '../../../server/src/domain/connection/policies';
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { ListQuery, ListResult, ScimRequestContext, ScimService, WriteConditions } from '../../../server/src/ports/scim-service';
import { matches } from '../../../server/src/scim/filter/evaluate';
import { preconditionFailed, type ScimError } from '../../../server/src/scim/messages/error';
import { matchesVersion } from '../../../server/src/scim/messages/version';
import { applyPatch } from '../../../server/src/scim/patch/apply';
import type { PatchOperation } from '../../../server/src/scim/patch/operation';
import { attribute, type SchemaDefinition } from '../../../server/src/scim/schema/definition';
import { RESOURCE_TYPES } from '../../../server/src/scim/schema/resource-types';
import type { ScimHttpRequest, ScimHttpResponse } from '../../../server/src/scim/server/http';
import { createScimServer } from '../../../server/src/scim/server/scim-server';

export const STRAPI_URN = 'urn:ietf:params:scim:schemas:extension:strapi:2.0:User';

/** As a site's user type might have it. */
export const strapiSchema: SchemaDefinition = {
  id: STRAPI_URN,
  name: 'StrapiUser',
  description: 'Attributes of this site',
  attributes: [
    attribute('shoeSize', 'Writable.', { type: 'integer' }),
    attribute('points', 'Kept by the site.', { type: 'integer', mutability: 'readOnly' }),
    attribute('badge', 'Given once.', { mutability: 'immutable' }),
    attribute('note', 'Told to who asks.', { returned: 'request' }),
    attribute('joined', 'A day and a time.', { type: 'dateTime' }),
  ],
};

export const TYPES_WITH_STRAPI: ScimRequestContext['types'] = {
  ...RESOURCE_TYPES,
  User: { ...RESOURCE_TYPES.User, extensions: [...RESOURCE_TYPES.User.extensions, strapiSchema] },
};

export function contextOf(policies: Partial<InboundPolicies> = {}, rest: Partial<ScimRequestContext> = {}): ScimRequestContext {
  return {
    connection: {
      id: 1, key: 'k', name: 'c', direction: 'inbound', population: 'end-users', system: 's', preset: 'generic', enabled: true, targetUrl: '',
      mapping: null, defaultRoleId: null, roleMappings: [], policies: { ...DEFAULT_POLICIES, ...policies },
    },
    actor: 'token',
    correlationId: 'c',
    baseUrl: 'https://cms.example/scim/v2',
    types: TYPES_WITH_STRAPI,
    scopes: [],
    ...rest,
  };
}

/** Resources in memory: enough of a service to see what the protocol makes of requests. Ids are u1, u2, g1 ... */
export class MemoryService implements ScimService {
  readonly resources: Record<ObjectType, Map<string, Resource>> = { User: new Map(), Group: new Map() };
  readonly calls: unknown[][] = [];
  private made = 0;

  get(_ctx: ScimRequestContext, type: ObjectType, id: string): Promise<Resource> {
    return Promise.resolve(this.one(type, id));
  }

  list(ctx: ScimRequestContext, type: ObjectType, query: ListQuery): Promise<ListResult> {
    this.calls.push(['list', type, query]);
    const { filter } = query;
    const all = [...this.resources[type].values()].filter((resource) => filter === null || matches(filter, resource, ctx.types[type]));
    if (query.cursor !== null) {
      const from = query.cursor === '' ? 0 : Number(query.cursor.slice(1));
      const end = from + query.count;
      return Promise.resolve({ totalResults: all.length, resources: all.slice(from, end), nextCursor: end < all.length ? `c${end}` : null });
    }
    return Promise.resolve({ totalResults: all.length, resources: all.slice(query.startIndex - 1, query.startIndex - 1 + query.count) });
  }

  async create(ctx: ScimRequestContext, type: ObjectType, resource: Resource): Promise<Resource> {
    this.calls.push(['create', type, resource, ctx.dropped]);
    const name = type === 'User' ? 'userName' : 'displayName';
    for (const other of this.resources[type].values()) {
      if (other[name] === resource[name]) throw new ProvisioningError('uniqueness', `${String(resource[name])} is taken.`, { attribute: name });
    }
    this.requireReferences(resource);
    this.made += 1;
    return this.store(type, { ...resource, id: `${type === 'User' ? 'u' : 'g'}${this.made}` }, 1);
  }

  async replace(_ctx: ScimRequestContext, type: ObjectType, id: string, resource: Resource, conditions: WriteConditions): Promise<Resource> {
    this.calls.push(['replace', type, id, resource, conditions]);
    const present = this.one(type, id, conditions);
    this.requireReferences(resource);
    return this.store(type, { ...resource, id }, versionOf(present) + 1);
  }

  async modify(ctx: ScimRequestContext, type: ObjectType, id: string, operations: PatchOperation[], conditions: WriteConditions): Promise<Resource | null> {
    this.calls.push(['modify', type, id, operations, conditions]);
    const present = this.one(type, id, conditions);
    const changed = applyPatch(present, operations, ctx.types[type], ctx.connection.policies, ctx.work);
    this.requireReferences(changed);
    const stored = this.store(type, changed, versionOf(present) + 1);
    return type === 'User' ? stored : null;
  }

  async remove(_ctx: ScimRequestContext, type: ObjectType, id: string, conditions: WriteConditions): Promise<void> {
    this.calls.push(['remove', type, id, conditions]);
    this.one(type, id, conditions);
    this.resources[type].delete(id);
  }

  snapshot(): string {
    return JSON.stringify([[...this.resources.User], [...this.resources.Group]]);
  }

  private one(type: ObjectType, id: string, conditions: WriteConditions = { ifMatch: null }): Resource {
    const found = this.resources[type].get(id);
    if (found === undefined) throw new ProvisioningError('not-found', `There is no ${type} ${id}.`);
    if (!matchesVersion(conditions, found.meta?.version)) throw preconditionFailed();
    return found;
  }

  private store(type: ObjectType, resource: Resource, version: number): Resource {
    const stored: Resource = { ...resource, meta: { resourceType: type, version: `W/"${version}"` } };
    this.resources[type].set(String(stored.id), stored);
    return stored;
  }

  /** As the engine does: members have to exist. */
  private requireReferences(resource: Resource): void {
    const members = resource.meta?.resourceType === 'User' || !Array.isArray(resource.members) ? [] : (resource.members as { value: string }[]);
    const lost = members.find((member) => typeof member === 'object' && member !== null && !this.resources.User.has(member.value) && !this.resources.Group.has(member.value));
    if (lost !== undefined) throw new ProvisioningError('invalid-value', `members: there is no ${lost.value}.`);
  }
}

const versionOf = (resource: Resource): number => Number(/\d+/.exec(resource.meta?.version ?? '')?.[0]);

/** A server over such a service, with everything it told its owner. */
export function serverOver(service: ScimService, ctx: ScimRequestContext = contextOf()) {
  const errors: unknown[] = [];
  const refused: { status: number; path: string; method: string }[] = [];
  const dropped: string[][] = [];
  const server = createScimServer({
    service,
    limits: { maxResults: 200 },
    onError: (error) => void errors.push(error),
    onRefused: async (error: ScimError, { path, method }) => void refused.push({ status: error.status, path, method }),
    onDropped: (names, own) => {
      own.dropped = names;
      dropped.push(names);
    },
  });
  const send = (method: string, path: string, rest: Partial<ScimHttpRequest> = {}): Promise<ScimHttpResponse> =>
    server.handle({ method, path, query: {}, body: undefined, headers: {}, ...rest }, ctx);
  return { send, errors, refused, dropped };
}
