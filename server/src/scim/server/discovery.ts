import { listResponse } from '../messages/list-response';
import { ScimError } from '../messages/error';
import type { AttributeDefinition, SchemaDefinition } from '../schema/definition';
import type { ResourceTypeDefinition } from '../schema/resource-types';
import type { ScimRequestContext } from '../../ports/scim-service';
import { MAX_BULK_OPERATIONS } from './bulk-request';
import { SERVICE_PROVIDER_SCHEMAS } from '../schema/service-provider';
import { RESOURCE_TYPE_URN, SCHEMA_URN, SERVICE_PROVIDER_CONFIG_URN } from '../schema/urns';
import { jsonResponse, queryValue, type ScimHttpRequest, type ScimHttpResponse } from './http';
import { DEFAULT_PAGE_SIZE } from './list-query';

export interface ServerLimits {
  /** Most resources in one list answer. */
  maxResults: number;
  /** Largest body the glue lets through; only told here. */
  maxPayloadBytes: number;
}

/** /ServiceProviderConfig, /ResourceTypes, /Schemas (RFC 7644 section 4); null for other paths. Says what this server does, no more. */
export function discover(request: ScimHttpRequest, segments: readonly string[], ctx: ScimRequestContext, limits: ServerLimits): ScimHttpResponse | null {
  const { baseUrl } = ctx;
  const { acceptPassword } = ctx.connection.policies;
  const [endpoint, id] = segments;
  if (endpoint === 'ServiceProviderConfig' && id === undefined) return answer(request, serviceProviderConfig(baseUrl, limits, acceptPassword));
  if (endpoint === 'ResourceTypes') {
    const all = Object.values(ctx.types).map((type) => resourceType(type, baseUrl));
    return answer(request, id === undefined ? listResponse(all) : found(all, id, 'resource type'));
  }
  if (endpoint === 'Schemas') {
    const all = schemasOf(ctx.types).map((item) => schema(item, baseUrl, acceptPassword));
    return answer(request, id === undefined ? listResponse(all) : found(all, id, 'schema'));
  }
  return null;
}

function answer(request: ScimHttpRequest, body: unknown): ScimHttpResponse {
  // RFC 7644 section 4: a filter on these endpoints is 403.
  if (queryValue(request.query, 'filter') !== null) throw new ScimError(403, 'Filters are not allowed on discovery endpoints.');
  return jsonResponse(200, body);
}

function found<T extends { id: string }>(all: readonly T[], id: string, kind: string): T {
  const hit = all.find((item) => item.id.toLowerCase() === id.toLowerCase());
  if (hit === undefined) throw new ScimError(404, `There is no ${kind} with this id.`);
  return hit;
}

function schemasOf(types: ScimRequestContext['types']): SchemaDefinition[] {
  const all = [...Object.values(types).flatMap(({ core, extensions }) => [core, ...extensions]), ...SERVICE_PROVIDER_SCHEMAS];
  return [...new Map(all.map((item) => [item.id, item])).values()];
}

function serviceProviderConfig(baseUrl: string, limits: ServerLimits, changePassword: boolean): object {
  return {
    schemas: [SERVICE_PROVIDER_CONFIG_URN],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: MAX_BULK_OPERATIONS, maxPayloadSize: limits.maxPayloadBytes },
    filter: { supported: true, maxResults: limits.maxResults },
    changePassword: { supported: changePassword },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: Math.min(DEFAULT_PAGE_SIZE, limits.maxResults),
      maxPageSize: limits.maxResults,
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token of this connection, sent in the Authorization header.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
      {
        type: 'oauth2',
        name: 'OAuth 2.0 client credentials',
        description: 'A client id and secret of this connection, exchanged for a short-lived access token.',
        specUri: 'https://www.rfc-editor.org/info/rfc6749',
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  };
}

const resourceType = (type: ResourceTypeDefinition, baseUrl: string) => ({
  schemas: [RESOURCE_TYPE_URN],
  id: type.name,
  name: type.name,
  endpoint: type.endpoint,
  description: type.description,
  schema: type.core.id,
  schemaExtensions: type.extensions.map((extension) => ({ schema: extension.id, required: false })),
  meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${type.name}` },
});

/** A schema lists exactly what is stored: a password only where it is taken. */
const schema = (item: SchemaDefinition, baseUrl: string, acceptPassword: boolean) => ({
  schemas: [SCHEMA_URN],
  id: item.id,
  name: item.name,
  description: item.description,
  attributes: item.attributes.filter(({ returned }) => returned !== 'never' || acceptPassword).map(characteristics),
  meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${item.id}` },
});

/** RFC 7643 section 7. caseExact and uniqueness only mean something for text. */
function characteristics(definition: AttributeDefinition): object {
  const { type, caseExact, uniqueness, subAttributes, ...rest } = definition;
  const text = type !== 'boolean' && type !== 'complex';
  return {
    ...rest,
    type,
    ...(text ? { caseExact, uniqueness } : {}),
    ...(subAttributes === undefined ? {} : { subAttributes: subAttributes.map(characteristics) }),
  };
}
