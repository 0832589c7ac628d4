import type { MappingRule } from '../../contracts/mapping';
import type { Direction, InboundPolicies, Population, RoleMapping } from '../../contracts/connection';
import type { ReviewReason } from '../../contracts/maintenance';
import type { GuardPolicy } from '../../contracts/guard';
import type { OutboundPolicies } from '../../contracts/scope';

/** A connection as the engine works with it. Credentials are not part of it: the target directory is built with them. */
export interface Connection {
  id: number;
  key: string;
  name: string;
  direction: Direction;
  population: Population;
  /** Origin of writes: connections of the same system never echo to each other. */
  system: string;
  preset: string;
  enabled: boolean;
  /** Why nothing is sent until a person has looked at a plan; null or left out: it works. */
  review?: ReviewReason | null;
  /** Outbound: SCIM base URL of the application, without a trailing slash. Inbound: empty. */
  targetUrl: string;
  /** Outbound: what was published last; null or without rules: the preset's hold. */
  mapping: { version: number; rules: MappingRule[] | null } | null;
  defaultRoleId: number | null;
  roleMappings: RoleMapping[];
  /** Of inbound connections; outbound ones carry the defaults and never read them. */
  policies: InboundPolicies;
  /** Of outbound connections; left out: the defaults. */
  outbound?: OutboundPolicies;
  /** Left out: the defaults. */
  guard?: GuardPolicy;
}
