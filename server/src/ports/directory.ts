import type { AttributeChange, HttpExchange, ObjectType } from '../contracts/operation';
import type { Connection } from '../domain/connection/connection';
import type { Resource } from '../domain/resource/resource';

/** An object as a directory holds it. `ref` is the directory's own id of it: for SCIM the `id`. */
export interface DirectoryEntry {
  ref: string;
  resource: Resource;
  /** The exchange that wrote it, where the directory is behind HTTP; for the log. */
  exchange?: HttpExchange;
}

/**
 * Anything that holds users and groups and can be read or written: Strapi end users, Strapi admin users, a SCIM
 * application, later an LDAP server or a vendor API. The pipeline knows nothing else of either side.
 *
 * Every method throws ProvisioningError; `read` answers null for an object that does not exist.
 */
export interface Directory {
  read(type: ObjectType, ref: string): Promise<DirectoryEntry | null>;
  /** Objects whose attribute equals the value; at most two are needed to know "none, one or many". */
  find(type: ObjectType, attribute: string, value: string): Promise<DirectoryEntry[]>;
  create(type: ObjectType, resource: Resource): Promise<DirectoryEntry>;
  /** `desired` is the whole wanted state, `changes` what differs from the last known one. */
  update(type: ObjectType, ref: string, desired: Resource, changes: AttributeChange[]): Promise<DirectoryEntry>;
  /**
   * Adds and takes away members of a group by their refs, nobody else's. Adding who is there and taking away who is not is a
   * success. Left out: the directory has no groups that can be written.
   */
  updateMembers?(ref: string, add: string[], remove: string[]): Promise<{ exchange?: HttpExchange }>;
  /** Deleting what is not there is a success. */
  delete(type: ObjectType, ref: string): Promise<void>;
  /** Reads from one end to the other, page by page. Left out: this kind of directory cannot be read so. */
  list?(type: ObjectType, query: ListQuery): Promise<DirectoryPage>;
}

export interface ListQuery {
  /** `next` of the page before; null: from the beginning. */
  cursor: string | null;
  /** SCIM filter, as the directory understands it. */
  filter?: string;
  /** As many as are wanted at a time; fewer or more may come. */
  limit: number;
}

/** Some of a directory's objects. */
export interface DirectoryPage {
  entries: DirectoryEntry[];
  /** Where the next page begins: opaque, short, and good after a restart too. Null: the read has ended. */
  next: string | null;
  /**
   * Why objects may be missing from the read so far, in a sentence. Null on the last page: it was complete, and whoever
   * did not come is not there.
   */
  incomplete: string | null;
}

/** A directory that people are pulled from: it can be read from one end to the other. */
export interface SourceDirectory extends Directory {
  list(type: ObjectType, query: ListQuery): Promise<DirectoryPage>;
}

/** Builds the directory behind a pull connection, with its decrypted credentials. Throws `credential-unreadable`. */
export interface SourceFactory {
  open(connection: Connection): Promise<SourceDirectory>;
}
