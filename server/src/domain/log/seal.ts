import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../diff/canonical';

/**
 * Proof that nobody changed the log afterwards. Rows are sealed in batches; each seal holds the hash of the one before, so
 * the last one stands for all. Of what may name a person only salted commitments are chained: without the salt nobody finds
 * the value behind one, and with the value gone the chain holds all the same.
 */

/** Columns that may name a person. */
export const PERSONAL_COLUMNS = ['object_id', 'object_name', 'object_name_norm', 'remote_id', 'message', 'actor', 'detail'] as const;
export type PersonalColumn = (typeof PERSONAL_COLUMNS)[number];

/** Columns that are chained as they stand. */
export const PUBLIC_COLUMNS = [
  'id', 'at', 'connection_id', 'connection_name', 'direction', 'population', 'trigger_kind', 'operation', 'outcome',
  'object_type', 'error_code', 'correlation_id', 'run_id', 'duration_ms', 'attempts', 'count',
] as const;
export type PublicColumn = (typeof PUBLIC_COLUMNS)[number];

/** Of an erased row: the commitment of what is gone, and the salt of what stays. */
export type Remainder = Partial<Record<PersonalColumn, { hash: string } | { salt: string }>>;

export type SealableRow = Record<PublicColumn, string | number | null> &
  Record<PersonalColumn, string | null> & {
    /** Hex; null in a row that was erased. */
    salt: string | null;
    remainder: Remainder | null;
  };

export interface Seal {
  /** 1, 2, 3 ... without a gap. */
  seq: number;
  /** Epoch milliseconds. */
  sealedAt: number;
  /** Hash of the seal before; empty in the first. */
  previous: string;
  /** Rows by id, each with the beginning of its digest: it tells which one was changed. */
  rows: { id: number; mark: string }[];
  /** SHA-256 over all of the above, with whole digests. Hex. */
  hash: string;
  /** Which key made `mac`. */
  keyId: string;
  /** HMAC-SHA-256 of `hash`: whoever can only write to the database cannot make another chain. Hex. */
  mac: string;
}

export interface SealKey {
  id: string;
  secret: string;
}

const MARK_LENGTH = 16;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Each column has a salt of its own, so that one may be told without another. */
const saltOf = (salt: string, column: PersonalColumn): string => createHmac('sha256', salt).update(column).digest('hex').slice(0, 32);

const commitment = (salt: string, value: string | null): string => createHmac('sha256', salt).update(canonicalJson(value)).digest('hex');

function committed(row: SealableRow, column: PersonalColumn): string {
  const kept = row.remainder?.[column];
  if (kept !== undefined) return 'hash' in kept ? kept.hash : commitment(kept.salt, row[column]);
  return commitment(saltOf(row.salt ?? '', column), row[column]);
}

/** Fingerprint of a row; the same before and after its personal values were erased. Hex SHA-256. */
export function digestOf(row: SealableRow): string {
  // bigint columns arrive as texts from some databases.
  const values = PUBLIC_COLUMNS.map((column) => (row[column] === null ? null : String(row[column])));
  return sha256(canonicalJson([values, PERSONAL_COLUMNS.map((column) => committed(row, column))]));
}

/** What has to be stored instead of the salt when the values of `gone` are erased. */
export function remainderOf(row: SealableRow, gone: readonly PersonalColumn[]): Remainder {
  return Object.fromEntries(
    PERSONAL_COLUMNS.map((column) => {
      const kept = row.remainder?.[column];
      if (gone.includes(column)) return [column, { hash: committed(row, column) }];
      return [column, kept ?? { salt: saltOf(row.salt ?? '', column) }];
    })
  );
}

const chainHash = ({ seq, sealedAt, previous }: Pick<Seal, 'seq' | 'sealedAt' | 'previous'>, rows: { id: number; digest: string }[]): string =>
  sha256([previous, seq, sealedAt, ...rows.map(({ id, digest }) => `${id}:${digest}`)].join('\n'));

const macOf = (hash: string, key: SealKey): string => createHmac('sha256', key.secret).update(hash).digest('hex');

/** Signs that the chain begins behind this seal: otherwise whoever empties a seal could say that all before it is past its time. */
export const cutOffMac = (hash: string, key: SealKey): string => macOf(`cut-off:${hash}`, key);

export function checkCutOff(seal: Pick<Seal, 'seq' | 'hash' | 'keyId' | 'mac'>, keyOf: (id: string) => SealKey | null): SealFault[] {
  const key = keyOf(seal.keyId);
  if (key === null || sameText(cutOffMac(seal.hash, key), seal.mac)) return [];
  return [{ seq: seal.seq, rowId: null, message: 'Records were removed up to this seal, and not because they were past their time.' }];
}

/** Seals rows, in the order of their ids, behind the seal before. */
export function sealRows(before: Pick<Seal, 'seq' | 'hash'> | null, rows: readonly SealableRow[], sealedAt: number, key: SealKey): Seal {
  const digests = rows.map((row) => ({ id: Number(row.id), digest: digestOf(row) }));
  const head = { seq: (before?.seq ?? 0) + 1, sealedAt, previous: before?.hash ?? '' };
  const hash = chainHash(head, digests);
  return { ...head, rows: digests.map(({ id, digest }) => ({ id, mark: digest.slice(0, MARK_LENGTH) })), hash, keyId: key.id, mac: macOf(hash, key) };
}

/** What is wrong with a seal and its rows, as sentences; empty: nothing. `rowId` is null where it is not one row's. */
export interface SealFault {
  seq: number;
  rowId: number | null;
  message: string;
}

/** `before`: the seal it has to follow, null for the first. A key that is not known leaves the signature unchecked. */
export function checkSeal(seal: Seal, rows: readonly SealableRow[], before: Pick<Seal, 'seq' | 'hash'> | null, keyOf: (id: string) => SealKey | null): SealFault[] {
  const faults: SealFault[] = [];
  const fault = (message: string, rowId: number | null = null): void => void faults.push({ seq: seal.seq, rowId, message });
  const expected = (before?.seq ?? 0) + 1;
  if (seal.seq !== expected) fault(`Seal ${expected} is missing: seal ${seal.seq} comes next.`);
  else if (seal.previous !== (before?.hash ?? '')) fault('The seal does not follow the one before it: one of the two was changed.');
  const found = new Map(rows.map((row) => [Number(row.id), row]));
  const digests = seal.rows.map(({ id, mark }) => {
    const row = found.get(id);
    found.delete(id);
    if (row === undefined) {
      fault(`Record ${id} was removed.`, id);
      return { id, digest: '' };
    }
    const digest = digestOf(row);
    if (digest.slice(0, MARK_LENGTH) !== mark) fault(`Record ${id} was changed after it was sealed.`, id);
    return { id, digest };
  });
  for (const id of found.keys()) fault(`Record ${id} was added to a batch that was sealed without it.`, id);
  if (faults.length === 0 && chainHash(seal, digests) !== seal.hash) fault('The hash of the seal is not that of its records: a record or the seal was changed.');
  const key = keyOf(seal.keyId);
  if (key !== null && !sameText(macOf(seal.hash, key), seal.mac)) fault('The signature of the seal is wrong: it was not made by this site.');
  return faults;
}

const sameText = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
