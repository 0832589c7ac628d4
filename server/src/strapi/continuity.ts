import type { Core } from '@strapi/types';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import { toNumber, type Database } from './database';
import type { Reviews } from './reviews';
import type { SecretBox } from './secret-box';
import type { Watermark, Witness } from './witness';

const STORE = { type: 'plugin', name: 'user-provisioning', key: 'continuity' } as const;

/** What is sealed; only that it can be opened again counts. */
const CHECK = 'user-provisioning';

/** The mark is set every minute; what is younger by more than this was not written by the database that the mark is of. */
const ROWS_AHEAD_MS = 10 * 60_000;
/** A database that lost the last moments in a power failure is no restored one. */
const WITNESS_AHEAD_MS = 2 * 60_000;

interface Stored extends Watermark {
  seal: string | null;
}

interface Parts {
  strapi: Core.Strapi;
  database: Database;
  clock: Clock;
  secrets: SecretBox;
  reviews: Reviews;
  witness: Witness;
  uuid(): string;
}

/**
 * Notices that the database is not what it was: restored from a backup, swapped for another site's, or read with another encryption
 * key. Links then tell of an old state, and the next delivery would act on it: connections wait for a person's look.
 */
export class Continuity {
  private last: Watermark | null = null;

  constructor(private readonly parts: Parts) {}

  /** Before anything is sent. */
  async check(): Promise<void> {
    const { secrets, witness, clock, uuid } = this.parts;
    const stored = await this.stored();
    if (stored?.seal != null && secrets.isReady && !this.opens(stored.seal)) {
      await this.hold('encryption-key', 'ENCRYPTION_KEY is another one than before: stored credentials cannot be read. Set the former key again, or enter the credentials anew.');
    }
    const seen = await witness.read();
    if (this.wentBack(stored, seen, WITNESS_AHEAD_MS) || (stored !== null && (await this.newestRow()) > stored.at + ROWS_AHEAD_MS)) {
      await this.hold('restored', 'The database is older than what this site has seen of it, or another one: a backup was restored or a copy put in its place.');
    }
    // Without a key the old check value stays: it is missing, not changed.
    const seal = secrets.isReady && (stored?.seal == null || !this.opens(stored.seal)) ? secrets.seal(CHECK) : (stored?.seal ?? null);
    await this.mark({ lineage: stored?.lineage ?? uuid(), at: Math.max(stored?.at ?? 0, clock.now()), seal });
  }

  /** Every minute. */
  async beat(): Promise<void> {
    const stored = await this.stored();
    if (this.wentBack(stored, this.last, WITNESS_AHEAD_MS)) await this.hold('restored', 'The database went back to an earlier state while Strapi was running.');
    await this.mark({ lineage: stored?.lineage ?? this.last?.lineage ?? this.parts.uuid(), seal: stored?.seal ?? null, at: this.parts.clock.now() });
  }

  private wentBack(stored: Watermark | null, seen: Watermark | null, tolerance: number): boolean {
    if (seen === null) return false;
    return stored === null || stored.lineage !== seen.lineage || seen.at > stored.at + tolerance;
  }

  private async hold(reason: 'encryption-key' | 'restored', what: string): Promise<void> {
    const held = await this.parts.reviews.requestAll(reason);
    if (held.length > 0) this.parts.strapi.log.warn(`[user-provisioning] ${what} ${held.length} connections send nothing until an admin has looked at them.`);
  }

  private opens(seal: string): boolean {
    try {
      return this.parts.secrets.open(seal) === CHECK;
    } catch {
      return false;
    }
  }

  /** The last written rows by id, which costs nothing whatever the size. */
  private async newestRow(): Promise<number> {
    const newest = (table: string, column: string) =>
      this.parts.database.query<Record<string, unknown> | undefined>(async (tables) => tables(table).orderBy('id', 'desc').first(column));
    const [link, operation] = await Promise.all([newest(TABLES.links, 'created_at'), newest(TABLES.operations, 'at')]);
    return Math.max(toNumber(link?.created_at ?? 0), toNumber(operation?.at ?? 0));
  }

  private async stored(): Promise<Stored | null> {
    return (await this.parts.strapi.store(STORE).get({})) as Stored | null;
  }

  private async mark(stored: Stored): Promise<void> {
    await this.parts.strapi.store(STORE).set({ value: stored });
    this.last = { lineage: stored.lineage, at: stored.at };
    await this.parts.witness.write(this.last);
  }
}
