import type { MappingRule } from '../contracts/mapping';

/** Data that describes a provider. The connection names its preset; unknown names fall back to `generic`. */
export interface Preset {
  id: string;
  outbound: {
    /** Strapi -> application. */
    mapping: MappingRule[];
    /** Attributes that match an existing object at the target, in order; the first with a hit decides. */
    join: string[];
    /** Left out: by externalId, then displayName, 1,000 members in a request. */
    groups?: {
      join?: string[];
      /** Most members that the application takes in one request. */
      maxMembers?: number;
    };
  };
}
