/** What a test can ask of the Strapi in the other process, beside its public interfaces. */

/** Where that process can be told to end itself as if by kill -9. In the order in which a change passes them. */
export const CRASH_POINTS = [
  /** The row of the account is written, nobody has heard of it. */
  'account-written',
  /** The identity follows, the marker is not written. */
  'marker-unwritten',
  /** The marker is written, the transaction is not committed. */
  'marker-uncommitted',
  /** The worker holds the marker and has done nothing. */
  'marker-claimed',
  /** The application has not been asked to write. */
  'request-unsent',
  /** The application has written, its answer is not known. */
  'answer-unread',
  'link-unsaved',
  'marker-uncompleted',
  'log-unwritten',
  /** Link, marker and log row are written, the transaction is not committed. */
  'delivery-uncommitted',
  /** All of it is committed. */
  'delivery-committed',
  /** An inbound request is done, the provider has no answer. */
  'reply-unsent',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

export type AccountUid = 'plugin::users-permissions.user' | 'admin::user';

export type Command =
  /** The process ends at this point, the first time it gets there; null: nowhere any more. */
  | { do: 'arm'; point: CrashPoint | null }
  /** Answers once the sweep at boot is through. */
  | { do: 'await-sweep' }
  /** A write that Strapi puts in no transaction. */
  | { do: 'query'; uid: AccountUid; method: 'create' | 'createMany' | 'update' | 'updateMany' | 'delete' | 'deleteMany' | 'findMany'; params: object }
  /** As other plugins do it. */
  | { do: 'user-service'; method: 'add' | 'remove'; args: unknown[] }
  /** Behind the back of Strapi's ORM. */
  | { do: 'rows'; table: string; where?: Record<string, unknown> }
  | { do: 'update-rows'; table: string; where: Record<string, unknown>; set: Record<string, unknown> }
  | { do: 'delete-rows'; table: string; where: Record<string, unknown> };

export const COMMAND_PATH = '/test-command';
/** Environment variable: a crash point that is armed before Strapi loads. */
export const ARMED = 'TEST_CRASH_POINT';
