import type { ObjectType } from '../../contracts/operation';
import type { Resource } from '../../domain/resource/resource';
import type { ScimRequestContext, ScimService } from '../../ports/scim-service';
import { invalidSyntax, ScimError } from '../messages/error';
import { toScimError } from '../messages/error-mapping';
import { listResponse } from '../messages/list-response';
import { withoutPasswords } from '../patch/passwords';
import { parsePatchRequest } from '../patch/request';
import { isObject, isUnassigned } from '../schema/json';
import { normaliseResource } from '../schema/normalise';
import { discover, type ServerLimits } from './discovery';
import { emptyResponse, errorResponse, jsonResponse, queryValue, type ScimHttpRequest, type ScimHttpResponse } from './http';
import { DEFAULT_MAX_RESULTS, parseListQuery } from './list-query';
import { leavesOutMembers, parseProjection, project } from './projection';

export interface ScimServerOptions {
  service: ScimService;
  limits?: Partial<ServerLimits>;
  /** Called with what was not expected (answered as 500), so that it stands in a log. */
  onError?(error: unknown, ctx: ScimRequestContext): void;
  /** Called with every request that is refused (4xx), before it is answered. */
  onRefused?(error: ScimError, request: ScimHttpRequest, ctx: ScimRequestContext, cause: unknown): Promise<void>;
  /** Called with the names of attributes a client sent that are not taken (`password`); never with values. */
  onDropped?(attributes: string[], ctx: ScimRequestContext): void;
}

export interface ScimServer {
  /** Answers every request, also the impossible ones; never throws. */
  handle(request: ScimHttpRequest, ctx: ScimRequestContext): Promise<ScimHttpResponse>;
}

const TYPES: ReadonlyMap<string, ObjectType> = new Map([
  ['Users', 'User'],
  ['Groups', 'Group'],
]);
const DISCOVERY = new Set(['ServiceProviderConfig', 'ResourceTypes', 'Schemas']);

interface Exchange {
  request: ScimHttpRequest;
  ctx: ScimRequestContext;
  type: ObjectType;
}

/** The SCIM protocol (RFC 7644) in front of a service that knows nothing of HTTP. */
export function createScimServer(options: ScimServerOptions): ScimServer {
  const handler = new Handler(options);
  return {
    async handle(request, ctx) {
      const head = request.method.toUpperCase() === 'HEAD';
      const response = await handler.answer(head ? { ...request, method: 'GET' } : request, ctx);
      return head ? { ...response, body: null } : response;
    },
  };
}

class Handler {
  private readonly limits: ServerLimits;

  constructor(private readonly options: ScimServerOptions) {
    this.limits = { maxResults: DEFAULT_MAX_RESULTS, maxPayloadBytes: 10_000_000, ...options.limits };
  }

  async answer(request: ScimHttpRequest, ctx: ScimRequestContext): Promise<ScimHttpResponse> {
    try {
      return await this.route({ ...request, method: request.method.toUpperCase() }, ctx);
    } catch (error) {
      const response = errorResponse(error);
      if (response.status === 500) this.options.onError?.(error, ctx);
      else return this.refuse(error, response, request, ctx);
      return response;
    }
  }

  private async refuse(error: unknown, response: ScimHttpResponse, request: ScimHttpRequest, ctx: ScimRequestContext): Promise<ScimHttpResponse> {
    try {
      await this.options.onRefused?.(toScimError(error), request, ctx, error);
      return response;
    } catch (failure) {
      this.options.onError?.(failure, ctx);
      return errorResponse(failure);
    }
  }

  private route(request: ScimHttpRequest, ctx: ScimRequestContext): ScimHttpResponse | Promise<ScimHttpResponse> {
    const segments = segmentsOf(request.path);
    const [endpoint = '', id, ...rest] = segments;
    if (endpoint === 'Me' || endpoint === 'Bulk' || endpoint === '.search' || id === '.search') {
      throw new ScimError(501, `This service provider does not support ${endpoint === 'Me' || endpoint === 'Bulk' ? `/${endpoint}` : '.search'}.`);
    }
    if (rest.length > 0) throw notFound();
    if (DISCOVERY.has(endpoint)) {
      if (request.method !== 'GET') throw methodNotAllowed('GET, HEAD');
      const found = discover(request, segments, ctx.baseUrl, this.limits);
      if (found !== null) return found;
    }
    const type = TYPES.get(endpoint);
    if (type === undefined) throw notFound();
    const exchange: Exchange = { request, ctx, type };
    return id === undefined ? this.collection(exchange) : this.single(exchange, id);
  }

  private collection(exchange: Exchange): Promise<ScimHttpResponse> {
    if (exchange.request.method === 'GET') return this.list(exchange);
    if (exchange.request.method === 'POST') return this.create(exchange);
    throw methodNotAllowed('GET, HEAD, POST');
  }

  private single(exchange: Exchange, id: string): Promise<ScimHttpResponse> {
    switch (exchange.request.method) {
      case 'GET':
        return this.get(exchange, id);
      case 'PUT':
        return this.replace(exchange, id);
      case 'PATCH':
        return this.modify(exchange, id);
      case 'DELETE':
        return this.remove(exchange, id);
      default:
        throw methodNotAllowed('GET, HEAD, PUT, PATCH, DELETE');
    }
  }

  /** RFC 7644 section 3.4.2. */
  private async list({ request, ctx, type }: Exchange): Promise<ScimHttpResponse> {
    const query = parseListQuery(request.query, this.limits.maxResults);
    const projection = parseProjection(request.query, type);
    const { totalResults, resources } = await this.options.service.list(ctx, type, { ...query, withoutMembers: leavesOutMembers(projection) });
    const views = resources.map((resource) => project(located(resource, ctx, type), projection, type));
    return jsonResponse(200, listResponse(views, totalResults, query.startIndex));
  }

  /** RFC 7644 section 3.4.1. */
  private async get(exchange: Exchange, id: string): Promise<ScimHttpResponse> {
    const { request, ctx, type } = exchange;
    const withoutMembers = leavesOutMembers(parseProjection(request.query, type));
    return shown(200, await this.options.service.get(ctx, type, id, { withoutMembers }), exchange);
  }

  /** RFC 7644 section 3.3. */
  private async create(exchange: Exchange): Promise<ScimHttpResponse> {
    const { ctx, type } = exchange;
    return shown(201, await this.options.service.create(ctx, type, this.sent(exchange)), exchange);
  }

  /** RFC 7644 section 3.5.1. */
  private async replace(exchange: Exchange, id: string): Promise<ScimHttpResponse> {
    const { ctx, type } = exchange;
    return shown(200, await this.options.service.replace(ctx, type, id, this.sent(exchange)), exchange);
  }

  /** RFC 7644 section 3.5.2: 204 where the service answers nothing, unless the client asked for attributes. */
  private async modify(exchange: Exchange, id: string): Promise<ScimHttpResponse> {
    const { request, ctx, type } = exchange;
    const { operations, dropped } = withoutPasswords(parsePatchRequest(request.body), type);
    if (dropped.length > 0) this.options.onDropped?.(dropped, ctx);
    const resource = await this.options.service.modify(ctx, type, id, operations);
    if (resource !== null) return shown(200, resource, exchange);
    return isUnassigned(queryValue(request.query, 'attributes')) ? emptyResponse(204) : this.get(exchange, id);
  }

  /** RFC 7644 section 3.6. */
  private async remove({ ctx, type }: Exchange, id: string): Promise<ScimHttpResponse> {
    await this.options.service.remove(ctx, type, id);
    return emptyResponse(204);
  }

  private sent({ request, ctx, type }: Exchange): Resource {
    if (!isObject(request.body)) throw invalidSyntax('The request body must be a JSON object.');
    const { resource, dropped } = normaliseResource(type, request.body);
    if (dropped.length > 0) this.options.onDropped?.(dropped, ctx);
    return resource;
  }
}

function shown(status: number, resource: Resource, { request, ctx, type }: Exchange): ScimHttpResponse {
  const view = located(resource, ctx, type);
  const location = view.meta?.location;
  return jsonResponse(status, project(view, parseProjection(request.query, type), type), location === undefined ? {} : { Location: location });
}

/** `meta.location` is where the client reached this server, whatever the service thinks its address is. */
function located(resource: Resource, ctx: ScimRequestContext, type: ObjectType): Resource {
  if (resource.id === undefined) return resource;
  const location = `${ctx.baseUrl}/${type}s/${encodeURIComponent(resource.id)}`;
  return { ...resource, meta: { ...resource.meta, resourceType: type, location } };
}

const notFound = (): ScimError => new ScimError(404, 'There is nothing at this address.');

const methodNotAllowed = (allow: string): ScimError =>
  new ScimError(405, `The method is not allowed here; allowed are ${allow}.`, undefined, { headers: { Allow: allow } });

/** Trailing and repeated slashes say nothing. An id that is no text cannot be one of ours. */
function segmentsOf(path: string): string[] {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => {
      let text: string;
      try {
        text = decodeURIComponent(segment);
      } catch {
        throw notFound();
      }
      if (text.length > 300 || text.includes('\u0000') || /[\ud800-\udfff]/u.test(text)) throw notFound();
      return text;
    });
}
