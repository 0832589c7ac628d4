import type { TokenScope } from '../contracts/connection';
import type { ObjectType, Trigger } from '../contracts/operation';
import type { PlannedChange } from '../domain/plan/change';
import type { Resource } from '../domain/resource/resource';
import type { AttributePath, Filter } from '../scim/filter/ast';
import type { ResourceTypeDefinition } from '../scim/schema/resource-types';
import type { PatchOperation } from '../scim/patch/operation';
import type { WorkBudget } from '../scim/patch/work-budget';
import type { Connection } from '../domain/connection/connection';

/** How writes go through the pipeline where no request asked for them: a pull, a run. */
export interface WritePass {
  trigger: Trigger;
  runId: number | null;
  /** Nothing is written or logged: what would be done is told, and that is all. */
  dryRun: boolean;
  /** Asked before anything is written; throws where this may not be done. */
  approve?: (change: PlannedChange) => void | Promise<void>;
  /** What was done, or would be; null: nothing has to be. */
  onChange?: (change: PlannedChange | null) => void;
}

/** On whose behalf something is written. */
export interface ActorContext {
  connection: Connection;
  /** Name of the token, for the log. */
  actor: string;
  correlationId: string;
  /** Absolute URL of this connection's SCIM root without a trailing slash; `meta.location` starts with it. */
  baseUrl: string;
  /** Names of attributes that the request carried and this server does not take, such as `password`. */
  dropped?: string[];
  /** Left out: a request of the provider. */
  pass?: WritePass;
  /** What the request's PATCH operations may still cost. */
  work?: WorkBudget;
}

/** Who asks, for which connection; one per HTTP request. */
export interface ScimRequestContext extends ActorContext {
  /** Resource types as this connection has them, with the Strapi extension. */
  types: Readonly<Record<ObjectType, ResourceTypeDefinition>>;
  /** What the token may do; empty: everything. */
  scopes: TokenScope[];
}

/** Versions of If-Match or of a bulk operation: the write happens only while the resource has one of them; `*`: any. */
export interface WriteConditions {
  ifMatch: readonly string[] | '*' | null;
}

/** RFC 7644 section 3.4.2.3. */
export interface Sort {
  path: AttributePath;
  descending: boolean;
}

export interface ListQuery {
  filter: Filter | null;
  sort: Sort | null;
  /** Cursor paging (RFC 9865): '' asks for the first page; null: paging by index. */
  cursor: string | null;
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
  /** Cursor paging: null on the last page. */
  nextCursor?: string | null;
}

/** What the SCIM server needs of the system behind it. Errors are ProvisioningError or ScimError. */
export interface ScimService {
  get(ctx: ScimRequestContext, type: ObjectType, id: string, options: { withoutMembers: boolean }): Promise<Resource>;
  list(ctx: ScimRequestContext, type: ObjectType, query: ListQuery): Promise<ListResult>;
  create(ctx: ScimRequestContext, type: ObjectType, resource: Resource): Promise<Resource>;
  /** PUT, RFC 7644 section 3.5.1. */
  replace(ctx: ScimRequestContext, type: ObjectType, id: string, resource: Resource, conditions: WriteConditions): Promise<Resource>;
  /** PATCH, RFC 7644 section 3.5.2. Null (204) where the connection's policy answers no resource. */
  modify(ctx: ScimRequestContext, type: ObjectType, id: string, operations: PatchOperation[], conditions: WriteConditions): Promise<Resource | null>;
  remove(ctx: ScimRequestContext, type: ObjectType, id: string, conditions: WriteConditions): Promise<void>;
}
