import type { ObjectType } from '../contracts/operation';
import type { TypeRef } from '../scim/schema/resource-types';
import type { Connection } from '../domain/connection/connection';
import type { Resource } from '../domain/resource/resource';
import type { ListQuery } from './scim-service';
import type { ResourceTypeDefinition } from '../scim/schema/resource-types';

/** SCIM ids of one page, in the order of the page. */
export interface SearchPage {
  ids: string[];
  totalResults: number;
  /** Cursor paging: null on the last page. */
  nextCursor: string | null;
}

/**
 * Answers filters, sorting and paging in the database: no list of users is ever loaded to find some of them. What it
 * selects is exactly what `matches` (scim/filter) selects of the resources as the connection sees them.
 * Throws ScimError `invalidFilter`, `tooMany`, `invalidCursor`, `expiredCursor`.
 */
export interface ResourceSearch {
  /** `baseUrl`: absolute URL of the connection's SCIM root, which `meta.location` and `$ref` start with. */
  find(connection: Connection, type: ResourceTypeDefinition, query: ListQuery, baseUrl: string): Promise<SearchPage>;
}

/** What a connection sees of an object, in the form filters compare. */
export interface IndexedObject {
  /** With the schemas that say how its attributes compare. */
  type: TypeRef;
  /** Row id of the identity or group. */
  key: number;
  /** 0: the account itself, as connections without a link to it see it. */
  connectionId: number;
  resource: Resource;
  /** What the index holds of it now: only attributes that differ are written. Left out: all are. */
  before?: Resource;
}

/** Keeps the index of attribute values. Joins the ambient transaction; every write of an object goes with its index. */
export interface SearchIndex {
  /** Replaces the rows of these objects. `isNew`: there are none yet, nothing is looked for. */
  put(objects: IndexedObject[], options?: { isNew: boolean }): Promise<void>;
  /** Removes the rows of an object: of one connection, or of all. */
  remove(type: ObjectType, key: number, connectionId?: number): Promise<void>;
}
