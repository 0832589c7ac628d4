import type { ObjectType } from '../contracts/operation';
import type { KnownDrift } from '../domain/drift/drift';
import type { Resource } from '../domain/resource/resource';

/**
 * `linked`: in step. `assumed`: the system wrote the person itself, the target's id is learnt when first needed.
 * `writing`: a write is on its way to the target; until it is settled nobody knows whether it arrived.
 * `suspended`: the provider deactivated the person, and the connection's policy left the account as it was.
 */
export const LINK_STATES = ['linked', 'assumed', 'writing', 'suspended'] as const;
export type LinkState = (typeof LINK_STATES)[number];

/** Tie between a local object and its counterpart in one connection. */
export interface Link {
  connectionId: number;
  objectType: ObjectType;
  localId: string;
  remoteId: string | null;
  externalId: string | null;
  /** Inbound: the resource as the provider wrote it. */
  kept: Resource | null;
  /** Outbound: the resource as last written to the target. */
  snapshot: Resource | null;
  /** Of the snapshot: an unchanged object is recognised by it. */
  hash: string | null;
  state: LinkState;
  /** Outbound: differences that the application may keep, or was told of. Left out: it stays as it is. */
  drift?: KnownDrift | null;
}

/** Joins the ambient transaction. `save` throws ProvisioningError `uniqueness` when the externalId or remote id is taken. */
export interface LinkStore {
  get(connectionId: number, type: ObjectType, localId: string): Promise<Link | null>;
  getMany(connectionId: number, type: ObjectType, localIds: string[]): Promise<Link[]>;
  findByExternalId(connectionId: number, type: ObjectType, externalId: string): Promise<Link | null>;
  findByRemoteId(connectionId: number, type: ObjectType, remoteId: string): Promise<Link | null>;
  /** Every connection's link of one object, oldest first. */
  ofObject(type: ObjectType, localId: string): Promise<Link[]>;
  /** Links of these objects that hold what a provider wrote, of every connection, oldest first. */
  inboundOf(type: ObjectType, localIds: string[]): Promise<Link[]>;
  /** What providers wrote of objects, some at a time; `after` 0 starts, `next` null ends. */
  keptPage(connectionId: number, type: ObjectType, after: number, limit: number): Promise<{ links: Link[]; next: number | null }>;
  /** All links of a connection, some at a time, as `keptPage`. */
  linksPage(connectionId: number, type: ObjectType, after: number, limit: number): Promise<{ links: Link[]; next: number | null }>;
  /** `isNew`: there is no such link yet, none is looked for. */
  save(link: Link, options?: { isNew: boolean }): Promise<void>;
  remove(connectionId: number, type: ObjectType, localId: string): Promise<void>;
}
