import { z } from 'zod';
import { DEFAULT_RETRY_TIMES } from '../engine/push/backoff';

const DAY_MS = 86_400_000;

/** How long an application in trouble is waited for. */
const retries = z.strictObject({
  firstPauseMs: z.int().min(1).max(60_000).default(DEFAULT_RETRY_TIMES.firstPauseMs),
  longestPauseMs: z.int().min(1).max(DAY_MS).default(DEFAULT_RETRY_TIMES.longestPauseMs),
  /** Quarantine: after so many failures in a row, and so long. */
  quarantineAfterFailures: z.int().min(1).max(1_000).default(DEFAULT_RETRY_TIMES.quarantineAfterFailures),
  quarantineAfterMs: z.int().min(0).max(DAY_MS).default(DEFAULT_RETRY_TIMES.quarantineAfterMs),
  longestProbeMs: z.int().min(1).max(DAY_MS).default(DEFAULT_RETRY_TIMES.longestProbeMs),
});

/** What a site may set in `config/plugins.ts` under `user-provisioning.config`. Times in milliseconds, sizes in bytes. */
const schema = z.strictObject({
  /** Largest body of a SCIM request sent as application/scim+json. Plain JSON stays under Strapi's own limit. */
  maxBodyBytes: z.int().min(10_000).max(100_000_000).default(10_000_000),
  /** Most resources one list answers. */
  maxResults: z.int().min(1).max(1_000).default(200),
  /** Longest time the database may look for what no index finds; then the answer is 400 `tooMany`. */
  searchTimeLimitMs: z.int().min(100).max(60_000).default(2_000),
  /** Off: nothing is sent to applications, for maintenance. Changes are still recorded. */
  worker: z.boolean().default(true),
  /** Objects that are sent at a time. */
  parallelDeliveries: z.int().min(1).max(50).default(4),
  /** Longest wait for an application's answer. */
  requestTimeoutMs: z.int().min(100).max(120_000).default(30_000),
  /** How long an instance may be silent about one object or one run before another takes it over. */
  leaseMs: z.int().min(1_000).max(600_000).default(60_000),
  retries: retries.prefault({}),
  /** node-cron expression: how often to look for changes that no lifecycle reported. */
  sweepSchedule: z.string().default('*/10 * * * *'),
  /** Days that rows of the provisioning log are kept; 0 keeps them for ever. */
  logRetentionDays: z.int().min(0).max(36_500).default(365),
  /** Chains and signs the records of the log, so that a change is found afterwards. */
  sealLog: z.boolean().default(true),
  /** Signs the seals; empty: a key made of Strapi's API token salt. */
  logKey: z.union([z.literal(''), z.string().min(32, 'The key of the log needs at least 32 characters.').max(1_000)]).default(''),
  /**
   * Folder, from the application's root, for a small file that notices a restored database. It has to outlive a restart
   * and must not be part of the backup; empty: none.
   */
  watermarkFolder: z.string().max(1_000).default('.strapi'),
  /** User names or e-mail addresses, of end users and admin users, that no connection ever changes. */
  breakGlassAccounts: z.array(z.string().trim().min(1).max(255)).max(1_000).default([]),
});

/** For the site's own TypeScript: what may stand under `config`. */
export type PluginConfig = z.input<typeof schema>;
export type ResolvedConfig = z.output<typeof schema>;

export const parseConfig = (config: unknown): ResolvedConfig => schema.parse(config ?? {});

export default {
  default: {},
  validator(config: unknown): void {
    const result = schema.safeParse(config ?? {});
    if (!result.success) throw new Error(z.prettifyError(result.error));
  },
};
