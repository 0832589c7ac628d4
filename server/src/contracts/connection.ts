/**
 * Connections as the admin API sends and accepts them. The admin panel imports these as types only.
 * Dates are ISO 8601 strings, ids of connections and tokens are integers.
 */

import type { Quarantine } from './failure';
import type { GuardPolicy, GuardPolicyInput } from './guard';
import type { Maintenance, ReviewReason } from './maintenance';
import type { OutboundPolicies, OutboundPoliciesInput } from './scope';

export const DIRECTIONS = ['inbound', 'outbound'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Of inbound connections. `push`: the provider calls our SCIM server. `pull`: we read its SCIM server. */
export const SOURCES = ['push', 'pull'] as const;
export type Source = (typeof SOURCES)[number];

/** `end-users` is `plugin::users-permissions.user`, `admin-users` is `admin::user`. */
export const POPULATIONS = ['end-users', 'admin-users'] as const;
export type Population = (typeof POPULATIONS)[number];

/**
 * Authority of a group over a role. `authoritative`: given and taken with the membership. `additive`: given, never
 * taken away. `initial-only`: given with a person's first membership only, afterwards roles are Strapi's.
 */
export const ROLE_MODES = ['authoritative', 'additive', 'initial-only'] as const;
export type RoleMode = (typeof ROLE_MODES)[number];

/** One row of the group -> role table of a connection. The highest `priority` wins where only one role fits. */
export interface RoleMapping {
  /** displayName of the provider's group; compared without case. */
  groupName: string;
  roleId: number;
  priority: number;
  /** Default `authoritative`. */
  mode?: RoleMode;
}

/**
 * What happens to an account whose person left. `block` ends sessions at once; `delete` removes the account; `anonymise`
 * keeps it without personal data, so that what the person wrote keeps its author; `remove-roles` leaves it without
 * rights; `nothing` leaves it as it is.
 */
export const DEPARTURE_ACTIONS = ['block', 'delete', 'anonymise', 'remove-roles', 'nothing'] as const;
export type DepartureAction = (typeof DEPARTURE_ACTIONS)[number];

export interface DepartureRule {
  action: DepartureAction;
  /** Days between the event and what the action does beyond blocking, which is at once. 0 to 365. */
  graceDays: number;
}

/** Accounts the connection may take over: those that match by one of these. */
export const JOIN_ATTRIBUTES = ['userName', 'email'] as const;
export type JoinAttribute = (typeof JOIN_ATTRIBUTES)[number];

/** How an inbound connection treats requests and people. Each has a default, so that a new connection works. */
export interface InboundPolicies {
  /** Off: dialects of providers are understood. On: RFC 7644 and the interoperability profile to the letter. */
  strict: boolean;
  /** `all`: the provider finds every account of the population. `provisioned`: only those it provisioned. */
  visibility: 'all' | 'provisioned';
  /** Empty: accounts that existed before are never taken over. */
  joinBy: JoinAttribute[];
  /** Two accounts with one e-mail address; `as-strapi` follows "one account per email address". */
  sharedEmail: 'as-strapi' | 'refuse' | 'allow';
  /** Refuses a second group with the same displayName (409). */
  uniqueGroupNames: boolean;
  /** Off: a sent password is dropped, and the log says so. */
  acceptPassword: boolean;
  /** Answer to a successful PATCH: the resource (200) or nothing (204). */
  userPatchAnswer: 'resource' | 'no-content';
  groupPatchAnswer: 'resource' | 'no-content';
  /** What `active: false` does. */
  onDeactivate: DepartureRule;
  /** What DELETE does. The provider sees 404 afterwards in every case. */
  onDelete: DepartureRule;
  /** Groups may grant the super-admin role (admin users). */
  allowSuperAdmin: boolean;
  /** Attributes of the Strapi extension schema that the provider may write; the others are read-only. */
  writableAttributes: string[];
  /** `provider` of new end users: how Strapi's users-permissions plugin lets them sign in (`local`, `auth0` ...). */
  signInProvider: string;
  /** Whether new end users count as confirmed. */
  confirmed: boolean;
  /** Requests per minute; null for no limit. Over it: 429 with Retry-After. */
  requestsPerMinute: number | null;
}

/** What a token may be used for. `read-only` allows GET and .search only, whatever else is listed. */
export const TOKEN_SCOPES = ['read-only', 'users', 'groups'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

export interface TokenInfo {
  id: number;
  name: string;
  /** The first characters of the token, enough to recognise it, useless to sign in. */
  hint: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  /** `bearer`: sent as it is. `client`: OAuth 2.0 client credentials; `hint` is then the client id. */
  kind: 'bearer' | 'client';
  /** Empty: everything. */
  scopes: TokenScope[];
  /** Addresses and ranges (CIDR) it is accepted from; empty: from everywhere. */
  allowedIps: string[];
}

/** What the worker still has to do for an outbound connection. */
export interface DeliveryState {
  pending: number;
  failed: number;
  /** When the oldest change that has not reached the target was made; null when nothing waits. */
  oldestPendingAt: string | null;
}

export interface ConnectionDelivery extends DeliveryState {
  /** Null: the application answers, or has not been failing for long. */
  quarantine?: Quarantine | null;
}

export interface ConnectionInfo {
  id: number;
  /** Immutable; part of the SCIM URL. */
  key: string;
  name: string;
  direction: Direction;
  /** Inbound only; null for outbound connections. */
  source?: Source | null;
  population: Population;
  /** The organisation's system behind the connection; two connections with the same system never echo. */
  system: string;
  preset: string;
  enabled: boolean;
  /** Why nothing is sent until a person has looked; null: it works. */
  review: ReviewReason | null;
  /** Inbound: the SCIM URL to give to the provider. Outbound and pulled: the SCIM base URL of the application. */
  baseUrl: string;
  /** Pushed only: where OAuth clients get their access tokens; null for all others. */
  tokenUrl: string | null;
  /** Inbound only: role given where no mapped group says otherwise (end users). */
  defaultRoleId: number | null;
  roleMappings: RoleMapping[];
  /** Roles that the default or the table names and Strapi no longer has: nobody gets them. */
  missingRoleIds: number[];
  /** Inbound only; null for outbound connections. */
  policies: InboundPolicies | null;
  /** Outbound only: whom it provisions, what happens to those who leave, which operations it does. */
  outbound?: OutboundPolicies | null;
  /** How much may change before a person has to approve it. */
  guard: GuardPolicy;
  /** Kinds of pushed traffic that a limit holds, until a person decides. */
  holds: number;
  tokens: TokenInfo[];
  /** Outbound and pulled: whether a bearer token is stored, and whether it can still be decrypted. */
  credential: 'none' | 'stored' | 'unreadable';
  /** Outbound only. */
  delivery: ConnectionDelivery | null;
  createdAt: string;
  updatedAt: string;
}

/** Body of `POST /connections`. */
export interface ConnectionInput {
  name: string;
  direction: Direction;
  /** Inbound only, default `push`; never changes. */
  source?: Source;
  population: Population;
  system?: string;
  preset?: string;
  enabled?: boolean;
  /** Outbound and pulled, required there. */
  baseUrl?: string;
  /** Outbound and pulled: the bearer token of the application. Omitted on update: the stored one stays. */
  bearerToken?: string;
  defaultRoleId?: number | null;
  roleMappings?: RoleMapping[];
  /** Inbound only; what is left out keeps its value. */
  policies?: Partial<InboundPolicies>;
  /** Outbound only; what is left out keeps its value. */
  outbound?: OutboundPoliciesInput;
  guard?: GuardPolicyInput;
}

/** Body of `PUT /connections/:id`; direction, source, population and key never change. */
export type ConnectionUpdate = Partial<Omit<ConnectionInput, 'direction' | 'source' | 'population'>>;

/** `POST /connections`, `POST /connections/:id/tokens` and `POST /connections/:id/rotate-token`. */
export interface ConnectionWithToken {
  connection: ConnectionInfo;
  /** The token, or the secret of an OAuth client. Shown once, never stored; null for outbound connections. */
  token: string | null;
  /** Of an OAuth client; null otherwise. */
  clientId: string | null;
}

/** Body of `POST /connections/:id/tokens`. */
export interface TokenInput {
  name: string;
  /** Default `bearer`. */
  kind?: TokenInfo['kind'];
  /** ISO 8601, in the future; null or left out: never. */
  expiresAt?: string | null;
  scopes?: TokenScope[];
  allowedIps?: string[];
}

/** Body of `POST /connections/:id/rotate-token`. */
export interface RotateInput {
  /** The one to replace, whose name, kind, scopes and addresses the new one gets; left out: all bearer tokens. */
  tokenId?: number;
  /** How long the old one still works, 0 to 720; 0 revokes it at once. Default 24. */
  overlapHours?: number;
  /** Of the new one. Left out: it lives as long as the old one was made for. */
  expiresAt?: string | null;
}

/** `POST /connections/:id/test` */
export interface ConnectionTestResult {
  ok: boolean;
  /** What was tried, in order, each with the answer in a sentence. */
  steps: { name: string; ok: boolean; message: string; durationMs: number }[];
}

/**
 * Why a field of the user content type is no SCIM attribute: `private`; it sounds like a `secret`; SCIM has no form for its
 * `type`; SCIM does not allow its `name`, or has it already in another case.
 */
export type AttributeLock = 'private' | 'secret' | 'type' | 'name';

/** `GET /connections/:id/attributes` and `GET /attributes?population=`: a field that a site added to its users. */
export interface AttributeInfo {
  name: string;
  /** Strapi's name of the type, for example `string`, `date` or `component`. */
  type: string;
  multiValued: boolean;
  /** Strapi wants a value: a provider that may write it has to send one. */
  required: boolean;
  /** Whether the connection may write it; false where there is no connection yet. */
  writable: boolean;
  /** Why no connection may ever write it; null: it may be allowed. */
  locked: AttributeLock | null;
}

/** Somebody whose account existed before, whom a provider asked for and was refused. */
export interface PendingApproval {
  accountId: number;
  /** SCIM id. */
  id: string;
  userName: string;
  email: string | null;
  /**
   * What the provider tried last: it found the account and wanted to change it (`update`), wanted to `create` one of that
   * name, or put the person into a `group` that gives a role.
   */
  attempt: 'update' | 'create' | 'group';
  attempts: number;
  /** First and last attempt that the log knows of. */
  since: string;
  lastAt: string;
  /** Why nobody can approve it, in a sentence; null: a super admin can. */
  obstacle: string | null;
}

/** `GET /connections/:id/approvals`, last attempt first. */
export interface PendingApprovals {
  people: PendingApproval[];
  /** There are more than these. */
  more: boolean;
  /** Whether who asks is a super admin. */
  mayApprove: boolean;
}

export interface RoleInfo {
  id: number;
  name: string;
  /** True for the super-admin role, which no group may grant. */
  protected: boolean;
}

/** `GET /status` */
export interface PluginStatus {
  /** While it is paused, requests of providers are answered 503 and nothing is sent. */
  maintenance: Maintenance;
  /** False: Strapi has no encryption key, credentials cannot be saved. */
  encryptionReady: boolean;
  connections: { total: number; enabled: number };
  delivery: DeliveryState;
  /** Kinds of pushed traffic that the limits of connections hold. */
  holds: number;
  operations24h: { success: number; skipped: number; refused: number; failed: number };
  /** `server.absoluteUrl` is empty: the SCIM URL shown is a guess from the browser's address. */
  absoluteUrlKnown: boolean;
}
