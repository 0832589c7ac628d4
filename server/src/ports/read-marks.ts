import type { ObjectType } from '../contracts/operation';

/** An object of an application that is linked. */
export interface ReadMark {
  remoteId: string;
  /** SCIM id on the Strapi side. */
  localId: string;
  /** This reading has come across it before. */
  again: boolean;
}

/**
 * Which linked objects a reading of their application has come across. A `reading` is the number of its run; later ones have
 * higher numbers. Joins the ambient transaction.
 */
export interface ReadMarks {
  /** Those of these objects that are linked; from now on this reading has seen them. */
  see(connectionId: number, type: ObjectType, remoteIds: string[], reading: number): Promise<ReadMark[]>;
  /** Those of these people whom this reading has seen. */
  seen(connectionId: number, type: ObjectType, localIds: string[], reading: number): Promise<Set<string>>;
}
