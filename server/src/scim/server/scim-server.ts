import type { ObjectType } from '../../contracts/operation';
import type { ScimRequestContext, ScimService } from '../../ports/scim-service';
import { ScimError } from '../messages/error';
import { toScimError } from '../messages/error-mapping';
import { WorkBudget } from '../patch/work-budget';
import { handleBulk } from './bulk';
import { discover, type ServerLimits } from './discovery';
import { errorResponse, type ScimHttpRequest, type ScimHttpResponse } from './http';
import { noSuchAddress, checkBody, segmentsOf } from './input-limits';
import { DEFAULT_MAX_RESULTS } from './list-query';
import { ResourceEndpoints, type Exchange } from './resources';
import { listAll } from './root';
import { requireType, requireWrite } from './scopes';
import { searchQuery } from './search-request';

export interface ScimServerOptions {
  service: ScimService;
  limits?: Partial<ServerLimits>;
  /** Called with what was not expected (answered as 500), so that it stands in a log. */
  onError?(error: unknown, ctx: ScimRequestContext): void;
  /** Called with every request that is refused (4xx), before it is answered; with each operation of a bulk request too. */
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
const SEARCH = '.search';

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
  private readonly resources: ResourceEndpoints;

  constructor(private readonly options: ScimServerOptions) {
    this.limits = { maxResults: DEFAULT_MAX_RESULTS, maxPayloadBytes: 10_000_000, ...options.limits };
    const { service, onDropped } = options;
    this.resources = new ResourceEndpoints({ service, maxResults: this.limits.maxResults, ...(onDropped === undefined ? {} : { onDropped }) });
  }

  /** With a problem, the request is refused for it, the way every refusal goes. */
  async answer(request: ScimHttpRequest, ctx: ScimRequestContext, problem: ScimError | null = null): Promise<ScimHttpResponse> {
    // What is beyond every limit is not looked at again, not even for the log.
    let told: ScimHttpRequest = { ...request, body: undefined };
    try {
      checkBody(request.body);
      told = request;
      if (problem !== null) throw problem;
      return await this.route({ ...request, method: request.method.toUpperCase() }, ctx);
    } catch (error) {
      const response = errorResponse(error);
      if (response.status === 500) this.options.onError?.(error, ctx);
      else return this.refuse(error, response, told, ctx);
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
    // A token belongs to a system, not to a person (RFC 7644 section 3.11).
    if (endpoint === 'Me') throw new ScimError(501, 'This service provider does not support /Me: its tokens belong to systems, not to people.');
    if (rest.length > 0) throw noSuchAddress();
    if (endpoint === '' || (endpoint === SEARCH && id === undefined)) return this.root(request, ctx, endpoint === SEARCH);
    if (endpoint === 'Bulk' && id === undefined) return this.bulk(request, ctx);
    if (DISCOVERY.has(endpoint)) {
      if (request.method !== 'GET') throw methodNotAllowed('GET, HEAD');
      const found = discover(request, segments, ctx, this.limits);
      if (found !== null) return found;
    }
    const type = TYPES.get(endpoint);
    if (type === undefined) throw noSuchAddress();
    requireType(ctx.scopes, type);
    const exchange: Exchange = { request, ctx, type };
    if (id === SEARCH) return this.resources.list({ ...exchange, request: searched(request, ctx) });
    if (request.method !== 'GET') requireWrite(ctx.scopes);
    return id === undefined ? this.collection(exchange) : this.single(exchange, id);
  }

  private root(request: ScimHttpRequest, ctx: ScimRequestContext, search: boolean): Promise<ScimHttpResponse> {
    if (!search && request.method !== 'GET') throw methodNotAllowed('GET, HEAD');
    const { strict } = ctx.connection.policies;
    return listAll(this.options.service, search ? searched(request, ctx) : request, ctx, { maxResults: this.limits.maxResults, strict });
  }

  private bulk(request: ScimHttpRequest, ctx: ScimRequestContext): Promise<ScimHttpResponse> {
    if (request.method !== 'POST') throw methodNotAllowed('POST');
    requireWrite(ctx.scopes);
    return handleBulk(request, { ...ctx, work: new WorkBudget() }, (operation, own, problem) => this.answer(operation, own, problem));
  }

  private collection(exchange: Exchange): Promise<ScimHttpResponse> {
    if (exchange.request.method === 'GET') return this.resources.list(exchange);
    if (exchange.request.method === 'POST') return this.resources.create(exchange);
    throw methodNotAllowed('GET, HEAD, POST');
  }

  private single(exchange: Exchange, id: string): Promise<ScimHttpResponse> {
    switch (exchange.request.method) {
      case 'GET':
        return this.resources.get(exchange, id);
      case 'PUT':
        return this.resources.replace(exchange, id);
      case 'PATCH':
        return this.resources.modify({ ...exchange, ctx: { work: new WorkBudget(), ...exchange.ctx } }, id);
      case 'DELETE':
        return this.resources.remove(exchange, id);
      default:
        throw methodNotAllowed('GET, HEAD, PUT, PATCH, DELETE');
    }
  }
}

/** RFC 7644 section 3.4.3: the GET that a `.search` stands for. */
function searched(request: ScimHttpRequest, ctx: ScimRequestContext): ScimHttpRequest {
  if (request.method !== 'POST') throw methodNotAllowed('POST');
  return { ...request, method: 'GET', query: searchQuery(request.body, ctx.connection.policies) };
}


const methodNotAllowed = (allow: string): ScimError =>
  new ScimError(405, `The method is not allowed here; allowed are ${allow}.`, undefined, { headers: { Allow: allow } });
