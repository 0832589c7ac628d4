import type { ObjectType } from '../../contracts/operation';
import type { Resource } from '../../domain/resource/resource';
import type { ScimRequestContext, ScimService, WriteConditions } from '../../ports/scim-service';
import { invalidSyntax } from '../messages/error';
import { listResponse } from '../messages/list-response';
import { matchesVersion, parseEntityTags } from '../messages/version';
import { withoutPasswords } from '../patch/passwords';
import { notTakenIn } from '../patch/not-taken';
import { parsePatchRequest } from '../patch/request';
import { checkOperations } from '../patch/strict';
import { isObject, isUnassigned } from '../schema/json';
import { normaliseResource } from '../schema/normalise';
import type { ResourceTypeDefinition } from '../schema/resource-types';
import { tellDropped } from '../schema/secrets';
import { emptyResponse, jsonResponse, queryValue, type ScimHttpRequest, type ScimHttpResponse } from './http';
import { parseListQuery } from './list-query';
import { leavesOutMembers, parseProjection, project, type Projection } from './projection';

/** One request to the resources of one type. */
export interface Exchange {
  request: ScimHttpRequest;
  ctx: ScimRequestContext;
  type: ObjectType;
}

export interface ResourceEndpointOptions {
  service: ScimService;
  maxResults: number;
  onDropped?(attributes: string[], ctx: ScimRequestContext): void;
}

/** What can be asked of /Users and /Groups (RFC 7644 sections 3.3 to 3.6). */
export class ResourceEndpoints {
  constructor(private readonly options: ResourceEndpointOptions) {}

  /** RFC 7644 section 3.4.2. */
  async list({ request, ctx, type }: Exchange): Promise<ScimHttpResponse> {
    const definition = ctx.types[type];
    const { strict } = ctx.connection.policies;
    const query = parseListQuery(request.query, [definition], { maxResults: this.options.maxResults, strict });
    const projection = parseProjection(request.query, definition, strict);
    const found = await this.options.service.list(ctx, type, { ...query, withoutMembers: leavesOutMembers(projection) });
    const views = found.resources.map((resource) => shownAs(resource, ctx, type, projection));
    const position = query.cursor === null ? { startIndex: query.startIndex } : { nextCursor: found.nextCursor ?? null };
    return jsonResponse(200, listResponse(views, found.totalResults, position));
  }

  /** RFC 7644 section 3.4.1; 304 where the client has this version (section 3.14). */
  async get(exchange: Exchange, id: string): Promise<ScimHttpResponse> {
    const projection = projectionOf(exchange);
    const resource = await this.read(exchange, id, projection);
    const version = resource.meta?.version;
    const known = readableTags(exchange.request.headers['if-none-match']);
    if (version !== undefined && known !== null && matchesVersion({ ifMatch: known }, version)) return emptyResponse(304, { ETag: version });
    return shown(200, resource, exchange, projection);
  }

  /** RFC 7644 section 3.3. */
  async create(exchange: Exchange): Promise<ScimHttpResponse> {
    const { ctx, type } = exchange;
    const projection = projectionOf(exchange);
    return shown(201, await this.options.service.create(ctx, type, this.sent(exchange)), exchange, projection);
  }

  /** RFC 7644 section 3.5.1. */
  async replace(exchange: Exchange, id: string): Promise<ScimHttpResponse> {
    const { ctx, type } = exchange;
    const projection = projectionOf(exchange);
    return shown(200, await this.options.service.replace(ctx, type, id, this.sent(exchange), conditionsOf(exchange.request)), exchange, projection);
  }

  /** RFC 7644 section 3.5.2: 204 where the service answers nothing, unless the client asked for attributes. */
  async modify(exchange: Exchange, id: string): Promise<ScimHttpResponse> {
    const { request, ctx, type } = exchange;
    const projection = projectionOf(exchange);
    const resource = await this.options.service.modify(ctx, type, id, this.operations(exchange), conditionsOf(request));
    if (resource !== null) return shown(200, resource, exchange, projection);
    if (isUnassigned(queryValue(request.query, 'attributes'))) return emptyResponse(204, { Location: urlOf(id, ctx, ctx.types[type]) });
    return shown(200, await this.read(exchange, id, projection), exchange, projection);
  }

  /** RFC 7644 section 3.6. */
  async remove({ request, ctx, type }: Exchange, id: string): Promise<ScimHttpResponse> {
    await this.options.service.remove(ctx, type, id, conditionsOf(request));
    return emptyResponse(204);
  }

  private read({ ctx, type }: Exchange, id: string, projection: Projection): Promise<Resource> {
    return this.options.service.get(ctx, type, id, { withoutMembers: leavesOutMembers(projection) });
  }

  private sent({ request, ctx, type }: Exchange): Resource {
    if (!isObject(request.body)) throw invalidSyntax('The request body must be a JSON object.');
    const { resource, dropped } = normaliseResource(ctx.types[type], request.body, ctx.connection.policies);
    if (dropped.length > 0) this.options.onDropped?.(dropped, ctx);
    return resource;
  }

  private operations({ request, ctx, type }: Exchange): ReturnType<typeof parsePatchRequest> {
    const { policies } = ctx.connection;
    const definition = ctx.types[type];
    const sent = parsePatchRequest(request.body, policies, ctx.work);
    if (policies.strict) checkOperations(sent, definition, policies.acceptPassword);
    const { operations, dropped } = withoutPasswords(sent, definition, policies.acceptPassword);
    const names = new Set(dropped);
    for (const name of notTakenIn(operations, definition)) tellDropped(names, name);
    if (names.size > 0) this.options.onDropped?.([...names], ctx);
    return operations;
  }
}

const projectionOf = ({ request, ctx, type }: Exchange): Projection => parseProjection(request.query, ctx.types[type], ctx.connection.policies.strict);

const conditionsOf = ({ headers }: ScimHttpRequest): WriteConditions => ({ ifMatch: parseEntityTags(headers['if-match'], 'If-Match') });

/** What cannot be read in If-None-Match only means that the whole answer is sent. */
function readableTags(header: string | undefined): WriteConditions['ifMatch'] {
  try {
    return parseEntityTags(header, 'If-None-Match');
  } catch {
    return null;
  }
}

function shown(status: number, resource: Resource, { ctx, type }: Exchange, projection: Projection): ScimHttpResponse {
  const location = locationOf(resource, ctx, ctx.types[type]);
  const version = resource.meta?.version;
  return jsonResponse(status, shownAs(resource, ctx, type, projection), {
    ...(location === null ? {} : { Location: location }),
    ...(version === undefined ? {} : { ETag: version }),
  });
}

/** A resource as this client gets it. `meta.location` is where it reached this server, whatever the service thinks. */
export function shownAs(resource: Resource, ctx: ScimRequestContext, type: ObjectType, projection: Projection): object {
  const definition = ctx.types[type];
  const location = locationOf(resource, ctx, definition);
  const located = location === null ? resource : { ...resource, meta: { ...resource.meta, resourceType: type, location } };
  return project(located, projection, definition);
}

const locationOf = ({ id }: Resource, ctx: ScimRequestContext, type: ResourceTypeDefinition): string | null => (id === undefined ? null : urlOf(id, ctx, type));

const urlOf = (id: string, { baseUrl }: ScimRequestContext, { endpoint }: ResourceTypeDefinition): string => `${baseUrl}${endpoint}/${encodeURIComponent(id)}`;
