import { checkCutOff, checkSeal, cutOffMac, PERSONAL_COLUMNS, PUBLIC_COLUMNS, sealRows, type Remainder, type Seal, type SealableRow, type SealFault, type SealKey } from '../domain/log/seal';
import type { LogCheck } from '../contracts/log-seal';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import { isUniqueViolation, parseJson, toJson, toNumber, type Database } from './database';

/** Records of one seal: few enough that SQLite, which answers on the event loop, is not kept long. */
const BATCH = 200;
/** Records that one step of a check looks through. */
const STEP = 5_000;
const SEALS_AT_A_TIME = 25;
/** So many records that no seal knows are named. */
const STRAYS = 100;
/** Who is not sealed after this long was forgotten, or nobody seals. */
const OVERDUE_MS = 60_000;

const SEALED_COLUMNS = [...PUBLIC_COLUMNS, ...PERSONAL_COLUMNS, 'salt', 'remainder'];

interface SealRow {
  seq: number;
  sealed_at: number | string;
  previous: string;
  hash: string;
  key_id: string;
  mac: string;
  records: string | null;
}

export const toSealable = (row: Record<string, unknown>): SealableRow => ({ ...row, remainder: parseJson<Remainder>(row.remainder) }) as SealableRow;

const toSeal = (row: SealRow): Seal => ({
  seq: row.seq,
  sealedAt: toNumber(row.sealed_at),
  previous: row.previous,
  rows: (parseJson<[number, string][]>(row.records) ?? []).map(([id, mark]) => ({ id, mark })),
  hash: row.hash,
  keyId: row.key_id,
  mac: row.mac,
});

/** The seals of the provisioning log. Any number of instances may seal: the number of a seal is unique, so one of two loses and takes the next. */
export class LogSeals {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly key: SealKey | null
  ) {}

  /** Seals what is there; answers null, as it does not know when more comes. */
  async drain(isStopping: () => boolean): Promise<null> {
    while (!isStopping()) if ((await this.sealNext()) < BATCH) break;
    return null;
  }

  /** Answers how many records were sealed; without a key none are. A record that was committed late, with an id below others, is sealed like any other. */
  async sealNext(): Promise<number> {
    const { key } = this;
    if (key === null) return 0;
    // Without a transaction: mostly there is nothing to do.
    const waiting = await this.database.query<unknown[]>(async (tables) => tables(TABLES.operations).whereNull('seal').limit(1).select('id'));
    if (waiting.length === 0) return 0;
    try {
      return await this.database.run(() => this.database.query(async (tables) => {
        const before = (await tables(TABLES.seals).orderBy('seq', 'desc').first('seq', 'hash')) as { seq: number; hash: string } | undefined;
        const found = (await tables(TABLES.operations).whereNull('seal').orderBy('id').limit(BATCH).select(SEALED_COLUMNS)) as Record<string, unknown>[];
        if (found.length === 0) return 0;
        const rows = found.map(toSealable);
        const seal = sealRows(before ?? null, rows, this.clock.now(), key);
        await tables(TABLES.seals).insert({
          seq: seal.seq,
          sealed_at: seal.sealedAt,
          last_at: Math.max(...rows.map(({ at }) => toNumber(at))),
          previous: seal.previous,
          hash: seal.hash,
          key_id: seal.keyId,
          mac: seal.mac,
          records: toJson(seal.rows.map(({ id, mark }) => [id, mark])),
        });
        await tables(TABLES.operations).whereIn('id', seal.rows.map(({ id }) => id)).whereNull('seal').update({ seal: seal.seq });
        return rows.length;
      }));
    } catch (error) {
      // Another instance was faster with this number.
      if (isUniqueViolation(error)) return 0;
      throw error;
    }
  }

  /** One step of a check, from behind the seal `after` (0: the beginning). `next` is where to go on, null at the end. */
  async check(after: number): Promise<LogCheck> {
    const cutOff = await this.cutOff();
    const start = Math.max(after, cutOff?.seq ?? 0);
    let before: Pick<Seal, 'seq' | 'hash'> | null = start === 0 ? null : await this.headOf(start);
    const faults: SealFault[] = start > 0 && before === null ? [{ seq: start, rowId: null, message: `Seal ${start} is missing.` }] : [];
    const unknownKeys = new Set<string>();
    const keyOf = (id: string): SealKey | null => {
      if (id === this.key?.id) return this.key;
      unknownKeys.add(id);
      return null;
    };
    if (after === 0 && cutOff !== null) faults.push(...checkCutOff(cutOff, keyOf));
    let checked = 0;
    let erased = 0;
    let at = start;
    let isEnd = false;
    while (checked < STEP && !isEnd) {
      const seals = (await this.sealsAfter(at)).map(toSeal);
      isEnd = seals.length < SEALS_AT_A_TIME;
      const rows = await this.rowsOf(seals.map(({ seq }) => seq));
      for (const seal of seals) {
        const mine = rows.get(seal.seq) ?? [];
        faults.push(...checkSeal(seal, mine, before, keyOf));
        checked += seal.rows.length;
        erased += mine.filter(({ remainder }) => remainder !== null).length;
        before = seal;
        at = seal.seq;
      }
    }
    if (isEnd) faults.push(...(await this.strays(cutOff?.seq ?? 0, at)));
    return {
      checked,
      erased,
      faults: faults.map(({ seq, rowId, message }) => ({ seal: seq, recordId: rowId, message })),
      next: isEnd ? null : at,
      last: before,
      overdue: isEnd ? await this.overdue() : 0,
      cutOff: cutOff === null ? null : { seq: cutOff.seq, hash: cutOff.hash },
      unknownKeys: [...unknownKeys],
    };
  }

  /**
   * Takes away whole seals with their records that are older than a time (epoch ms), from the oldest on; the last of them stays without its
   * records, and the chain begins behind it. Answers how many records went.
   */
  async prune(before: number): Promise<number> {
    for (let total = 0; ; ) {
      const removed = await this.database.run(() => this.database.query(async (tables) => {
        const [first] = (await tables(TABLES.seals).whereNotNull('records').orderBy('seq').limit(1).select('seq', 'last_at', 'hash')) as { seq: number; last_at: number | string; hash: string }[];
        if (first === undefined || toNumber(first.last_at) >= before) return null;
        const count = await tables(TABLES.operations).where({ seal: first.seq }).delete();
        await tables(TABLES.seals).whereNull('records').where('seq', '<', first.seq).delete();
        const signed = this.key === null ? {} : { key_id: this.key.id, mac: cutOffMac(first.hash, this.key) };
        await tables(TABLES.seals).where({ seq: first.seq }).update({ records: null, ...signed });
        return count;
      }));
      if (removed === null) return total;
      total += removed;
    }
  }

  private async sealsAfter(seq: number): Promise<SealRow[]> {
    return this.database.query(async (tables) => tables(TABLES.seals).where('seq', '>', seq).whereNotNull('records').orderBy('seq').limit(SEALS_AT_A_TIME)) as Promise<SealRow[]>;
  }

  private async headOf(seq: number): Promise<Pick<Seal, 'seq' | 'hash'> | null> {
    const row = await this.database.query<Pick<Seal, 'seq' | 'hash'> | undefined>(async (tables) => tables(TABLES.seals).where({ seq }).first('seq', 'hash'));
    return row ?? null;
  }

  private async cutOff(): Promise<Seal | null> {
    const row = await this.database.query<SealRow | undefined>(async (tables) => tables(TABLES.seals).whereNull('records').orderBy('seq', 'desc').first());
    return row === undefined ? null : toSeal(row);
  }

  private async rowsOf(seqs: number[]): Promise<Map<number, SealableRow[]>> {
    const found = (await this.database.query(async (tables) => tables(TABLES.operations).whereIn('seal', seqs).orderBy('id').select([...SEALED_COLUMNS, 'seal']))) as (Record<string, unknown> & { seal: number })[];
    const rows = new Map<number, SealableRow[]>();
    for (const { seal, ...row } of found) {
      const mine = rows.get(seal) ?? [];
      mine.push(toSealable(row));
      rows.set(seal, mine);
    }
    return rows;
  }

  /** Records that say they belong to a seal there is not. */
  private async strays(cutOff: number, last: number): Promise<SealFault[]> {
    const found = await this.database.query<{ id: number; seal: number }[]>(async (tables) =>
      tables(TABLES.operations).where((outside) => outside.where('seal', '<=', cutOff).orWhere('seal', '>', last)).orderBy('id').limit(STRAYS).select('id', 'seal')
    );
    // Sealed since the last seal was looked at.
    const known = await this.database.query<number[]>(async (tables) => tables(TABLES.seals).whereIn('seq', found.map(({ seal }) => seal)).where('seq', '>', last).pluck('seq'));
    return found.filter(({ seal }) => !known.includes(seal)).map(({ id, seal }) => ({ seq: seal, rowId: id, message: `Record ${id} was added: there is no seal ${seal}.` }));
  }

  private async overdue(): Promise<number> {
    const row = await this.database.query<{ total: number | string } | undefined>(async (tables) =>
      tables(TABLES.operations).whereNull('seal').where('at', '<', this.clock.now() - OVERDUE_MS).count({ total: '*' }).first()
    );
    return toNumber(row?.total ?? 0);
  }
}
