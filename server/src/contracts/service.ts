/** `strapi.plugin('user-provisioning').service('provisioning')`: what other code of a site may call. docs/service-api.md */
import type { Direction, PluginStatus, Population } from './connection';
import type { Maintenance, ReviewReason } from './maintenance';
import type { AccountAction, OffboardingAction, Receipt, TransitionInfo } from './transition';
import type { RunInfo, RunInput } from './run';

/** A connection by its id or by its key. */
export type ConnectionRef = number | string;
/** A user by SCIM id (text) or by the id of the account in the connection's population (number). */
export type UserRef = string | number;

export interface ConnectionSummary {
  id: number;
  key: string;
  name: string;
  direction: Direction;
  population: Population;
  system: string;
  enabled: boolean;
  /** Why nothing is sent until a person has looked; null: it works. */
  review: ReviewReason | null;
}

export interface OffboardInput {
  population: Population;
  users: UserRef[];
  action?: OffboardingAction;
  /** Default `block`. */
  account?: AccountAction;
  comment?: string;
  approve?: boolean;
  /** Stands in the log. */
  actor?: string;
}

export interface ProvisioningService {
  /** Health of the plugin, as the panel's overview shows it. */
  status(): Promise<PluginStatus>;
  connections(): Promise<ConnectionSummary[]>;
  /**
   * Has one user brought to the application of an outbound connection, as if they had just been changed. Answers when that is
   * recorded, not when it is done; called in a transaction, it stands or falls with it.
   */
  provision(input: { connection: ConnectionRef; user: UserRef }): Promise<{ userId: string }>;
  /** Works out what would be done, and does nothing: a run that waits for `apply`. */
  plan(input: { connection: ConnectionRef } & Omit<RunInput, 'dryRun'>): Promise<RunInfo>;
  /** Does exactly what the plan says. `actor` stands in the log. */
  apply(input: { run: number; actor?: string }): Promise<RunInfo>;
  /** How far a run is. */
  run(id: number): Promise<RunInfo | null>;
  /**
   * Takes people out of every connected system: a plan, which is approved at once with `approve: true`. Answers at once; the event
   * `user-provisioning.offboarding.complete` tells when all is done. Throws for people who are protected.
   */
  offboard(input: OffboardInput): Promise<TransitionInfo>;
  /** How far an offboarding or a move is. */
  transition(id: number): Promise<Receipt | null>;
  /** Providers are answered 503 and nothing is sent, on the whole site, until `resume`. Nothing is lost. */
  pause(reason?: string): Promise<Maintenance>;
  resume(): Promise<Maintenance>;
}
