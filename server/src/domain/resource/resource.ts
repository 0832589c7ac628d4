/**
 * The canonical object between any two directories: a SCIM resource (RFC 7643 section 3). Attribute names are in the
 * spelling of the schema; values are plain JSON. Extension attributes sit under their schema URN.
 */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

export interface Meta {
  resourceType: string;
  created?: string;
  lastModified?: string;
  location?: string;
  version?: string;
}

/** RFC 7643 section 3.1. `id` and `meta` are absent on what a client sends. */
export interface Resource {
  schemas: string[];
  id?: string;
  externalId?: string;
  meta?: Meta;
  [attribute: string]: unknown;
}
