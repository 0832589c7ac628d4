import type { AttributeChange, HttpExchange, ObjectType } from '../contracts/operation';
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
}
