import type { ObjectType } from '../contracts/operation';
import type { Resource } from '../domain/resource/resource';
import type { Filter } from '../scim/filter/ast';
import type { PatchOperation } from '../scim/patch/operation';
import type { Connection } from '../domain/connection/connection';

/** Who asks, for which connection; one per HTTP request. */
export interface ScimRequestContext {
  connection: Connection;
  /** Name of the token, for the log. */
  actor: string;
  correlationId: string;
  /** Absolute URL of this connection's SCIM root without a trailing slash; `meta.location` starts with it. */
  baseUrl: string;
  /** Names of attributes that the request carried and this server does not take, such as `password`. */
  dropped?: string[];
}

export interface ListQuery {
  filter: Filter | null;
  /** 1-based, at least 1 (RFC 7644 section 3.4.2.4: smaller values are read as 1). */
  startIndex: number;
  /** 0 or more, already capped to the server's maximum. */
  count: number;
  /** True where the answer must not carry `members`: they are then not read at all. */
  withoutMembers: boolean;
}

export interface ListResult {
  totalResults: number;
  resources: Resource[];
}

/** What the SCIM server needs of the system behind it. Errors are ProvisioningError or ScimError. */
export interface ScimService {
  get(ctx: ScimRequestContext, type: ObjectType, id: string, options: { withoutMembers: boolean }): Promise<Resource>;
  list(ctx: ScimRequestContext, type: ObjectType, query: ListQuery): Promise<ListResult>;
  create(ctx: ScimRequestContext, type: ObjectType, resource: Resource): Promise<Resource>;
  /** PUT, RFC 7644 section 3.5.1. */
  replace(ctx: ScimRequestContext, type: ObjectType, id: string, resource: Resource): Promise<Resource>;
  /** PATCH, RFC 7644 section 3.5.2. A group answers null (204): its member list may be huge. */
  modify(ctx: ScimRequestContext, type: ObjectType, id: string, operations: PatchOperation[]): Promise<Resource | null>;
  remove(ctx: ScimRequestContext, type: ObjectType, id: string): Promise<void>;
}
