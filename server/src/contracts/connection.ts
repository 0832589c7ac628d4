/**
 * Connections as the admin API sends and accepts them. The admin panel imports these as types only.
 * Dates are ISO 8601 strings, ids of connections and tokens are integers.
 */

export const DIRECTIONS = ['inbound', 'outbound'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** `end-users` is `plugin::users-permissions.user`, `admin-users` is `admin::user`. */
export const POPULATIONS = ['end-users', 'admin-users'] as const;
export type Population = (typeof POPULATIONS)[number];

/** One row of the group -> role table of a connection. The highest `priority` wins where only one role fits. */
export interface RoleMapping {
  /** displayName of the provider's group; compared without case. */
  groupName: string;
  roleId: number;
  priority: number;
}

export interface TokenInfo {
  id: number;
  name: string;
  /** The first characters of the token, enough to recognise it, useless to sign in. */
  hint: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

/** What the worker still has to do for an outbound connection. */
export interface DeliveryState {
  pending: number;
  failed: number;
  /** When the oldest change that has not reached the target was made; null when nothing waits. */
  oldestPendingAt: string | null;
}

export interface ConnectionInfo {
  id: number;
  /** Immutable; part of the SCIM URL. */
  key: string;
  name: string;
  direction: Direction;
  population: Population;
  /** The organisation's system behind the connection; two connections with the same system never echo. */
  system: string;
  preset: string;
  enabled: boolean;
  /** Inbound: the SCIM URL to give to the provider. Outbound: the SCIM base URL of the application. */
  baseUrl: string;
  /** Inbound only: role given where no mapped group says otherwise (end users). */
  defaultRoleId: number | null;
  roleMappings: RoleMapping[];
  tokens: TokenInfo[];
  /** Outbound only: whether a bearer token is stored, and whether it can still be decrypted. */
  credential: 'none' | 'stored' | 'unreadable';
  /** Outbound only. */
  delivery: DeliveryState | null;
  createdAt: string;
  updatedAt: string;
}

/** Body of `POST /connections`. */
export interface ConnectionInput {
  name: string;
  direction: Direction;
  population: Population;
  system?: string;
  preset?: string;
  enabled?: boolean;
  /** Outbound only, required there. */
  baseUrl?: string;
  /** Outbound only: the bearer token of the application. Omitted on update: the stored one stays. */
  bearerToken?: string;
  defaultRoleId?: number | null;
  roleMappings?: RoleMapping[];
}

/** Body of `PUT /connections/:id`; direction, population and key never change. */
export type ConnectionUpdate = Partial<Omit<ConnectionInput, 'direction' | 'population'>>;

/** `POST /connections` of an inbound connection and `POST /connections/:id/rotate-token`. */
export interface ConnectionWithToken {
  connection: ConnectionInfo;
  /** Shown once, never stored; null for outbound connections. */
  token: string | null;
}

/** `POST /connections/:id/test` */
export interface ConnectionTestResult {
  ok: boolean;
  /** What was tried, in order, each with the answer in a sentence. */
  steps: { name: string; ok: boolean; message: string; durationMs: number }[];
}

export interface RoleInfo {
  id: number;
  name: string;
  /** True for the super-admin role, which no group may grant. */
  protected: boolean;
}

/** `GET /status` */
export interface PluginStatus {
  /** False: Strapi has no encryption key, credentials cannot be saved. */
  encryptionReady: boolean;
  connections: { total: number; enabled: number };
  delivery: DeliveryState;
  operations24h: { success: number; skipped: number; refused: number; failed: number };
  /** `server.absoluteUrl` is empty: the SCIM URL shown is a guess from the browser's address. */
  absoluteUrlKnown: boolean;
}
