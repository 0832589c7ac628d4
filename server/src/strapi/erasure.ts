import { normaliseName } from '../domain/identity/normalise';
import { remainderOf } from '../domain/log/seal';
import { isRemoteKey, remoteKey } from '../domain/run/pairing';
import { USER_URN } from '../scim/schema/urns';
import { TABLES } from '../models';
import type { ErasedPerson, Erasure } from '../ports/erasure';
import type { IdentityStore } from './identity-store';
import type { Population } from '../contracts/connection';
import { toSealable } from './log-seals';
import { parseJson, toJson, type Database } from './database';
import type { ItemDetail } from './run-rows';

const BATCH = 200;
const ERASED = '[erased]';
/** What of a record goes; the message of a success names nobody. */
const GONE = ['object_name', 'object_name_norm', 'remote_id', 'detail'] as const;
const OVERTAKEN = 'The person was erased after this was planned: nothing of it is done.';

interface Row {
  id: number;
  message: string | null;
  detail: string | null;
}

interface Change {
  path: string;
  before: unknown;
  after: unknown;
}

interface Detail {
  steps?: { message: string }[];
  changes?: Change[];
  http?: { path: string; requestBody: unknown; responseBody: unknown } | null;
}

/** Erases a person from all that the plugin remembers beside the account, some rows at a time. */
export class SqlErasure implements Erasure {
  constructor(
    private readonly database: Database,
    private readonly identitiesOf: (population: Population) => IdentityStore
  ) {}

  async erase(person: ErasedPerson): Promise<void> {
    const ids = [person.scimId, ...(await this.identitiesOf(person.population).predecessors(person.scimId))];
    for (const id of ids) {
      await this.eraseRows({ object_id: id }, person);
      await this.erasePlans(id, person);
      await this.database.query(async (tables) => {
        // Our id is all that is needed to find the person at a target and to tell it that they are gone.
        const snapshot = toJson({ schemas: [USER_URN], externalId: id });
        await tables(TABLES.links).where({ object_type: 'User', local_id: id }).update({ snapshot, hash: null, drift: null });
        // What failed is told in sentences that name people; the code says enough.
        await tables(TABLES.outbox).where({ object_type: 'User', object_id: id }).update({ error_message: null });
        await tables(TABLES.identities).where({ scim_id: id }).update({ user_name: person.replacement });
        await tables(TABLES.heldObjects).where({ object_id: id }).delete();
        await tables(TABLES.transitionItems).where({ local_id: id }).update({ object_name: person.replacement, remote_id: null, warnings: null });
        await tables(TABLES.transitionItems).where({ local_id: id }).whereNot('state', 'done').update({ message: null });
      });
    }
    // Plans of pulls know people who were not here yet by the id that their source has for them.
    for (const name of person.alsoKnownAs) await this.erasePlans(remoteKey(name), person);
    const name = normaliseName(person.userName);
    await this.database.query(async (tables) => tables(TABLES.heldObjects).where({ object_id: null, object_key: name }).delete());
    // Refused before an account was known: the name is all such rows have.
    await this.eraseRows({ object_id: null, object_name_norm: name, object_type: 'User', population: person.population }, person);
    await this.eraseQuotes(ids, person);
  }

  private eraseRows(where: Record<string, string | null>, { replacement }: ErasedPerson): Promise<void> {
    return this.each<Row & { outcome: string }>(TABLES.operations, where, (row) => ({
      object_name: replacement,
      object_name_norm: normaliseName(replacement),
      // The provider's own id of the person.
      remote_id: null,
      // What was refused or failed is told in sentences that name people.
      message: row.outcome === 'success' ? row.message : ERASED,
      detail: toJson(withoutValues(parseJson<Detail>(row.detail) ?? {})),
      // So that the seal of the log holds without the values, and nobody finds them by their commitments.
      remainder: toJson(remainderOf(toSealable({ ...row }), row.outcome === 'success' ? GONE : [...GONE, 'message'])),
      salt: null,
    }));
  }

  /** Items keep what was planned and became of it; an undo finds nothing there that it could bring back. */
  private async erasePlans(id: string, { replacement }: ErasedPerson): Promise<void> {
    await this.database.query(async (tables) =>
      // Counted anew: items change their state.
      tables(TABLES.runs).whereIn('id', tables(TABLES.planItems).where({ object_type: 'User', object_id: id }).select('run_id')).update({ item_counts: null })
    );
    await this.each<Row & { state: string }>(TABLES.planItems, { object_type: 'User', object_id: id }, (row) => {
      const { changes = [], risks = [] } = parseJson<ItemDetail>(row.detail) ?? {};
      const isOpen = row.state === 'planned' || row.state === 'sent';
      return {
        object_name: replacement,
        remote_id: null,
        ...(isRemoteKey(id) ? { object_id: `erased:${row.id}` } : {}),
        // A fingerprint of values can be guessed from them.
        digest: ERASED,
        ...(isOpen ? { state: 'stale', message: OVERTAKEN } : { message: row.message === null || row.message === '' ? row.message : ERASED }),
        detail: toJson({ changes: changes.map(withoutValue), risks, before: null }),
      };
    });
  }

  /** Applications say of their trouble, and runs of theirs, what may name anybody. */
  private async eraseQuotes(ids: string[], { population, userName, alsoKnownAs }: ErasedPerson): Promise<void> {
    const names = [...ids, userName, ...alsoKnownAs].map((name) => name.toLowerCase());
    const quotes = (text: string): boolean => names.some((name) => text.toLowerCase().includes(name));
    const connections = await this.database.query<{ id: number }[]>(async (tables) => tables(TABLES.connections).where({ population }).select('id'));
    for (const { id: connection_id } of connections) {
      // It is said anew at the next attempt.
      await this.database.query(async (tables) => tables(TABLES.targetHealth).where({ connection_id }).whereNotNull('reason').update({ reason: ERASED }));
      await this.each<Row>(TABLES.runs, { connection_id, state: 'failed' }, (row) => {
        const detail = parseJson<{ reasons?: string[] }>(row.detail);
        if (detail?.reasons?.some(quotes) !== true) return null;
        return { detail: toJson({ ...detail, reasons: detail.reasons.map((reason) => (quotes(reason) ? ERASED : reason)) }) };
      });
    }
  }

  /** Changes rows in pages; null: this one stays. */
  private async each<R extends { id: number }>(table: string, where: Record<string, string | number | null>, change: (row: R) => Record<string, unknown> | null): Promise<void> {
    for (let last = 0; ; ) {
      const rows = await this.database.query<R[]>(async (tables) => tables(table).where(where).where('id', '>', last).orderBy('id').limit(BATCH));
      for (const row of rows) {
        const values = change(row);
        if (values !== null) await this.database.query(async (tables) => tables(table).where({ id: row.id }).update(values));
      }
      const end = rows.at(-1);
      if (end === undefined) return;
      last = end.id;
    }
  }
}

/** Which attributes changed stays, their values go. */
function withoutValues({ steps = [], changes = [], http = null }: Detail): Detail {
  return {
    steps: steps.map((step) => ({ ...step, message: ERASED })),
    changes: changes.map(withoutValue),
    // A search names people in its path.
    http: http === null ? null : { ...http, path: ERASED, requestBody: ERASED, responseBody: ERASED },
  };
}

const withoutValue = ({ path, before, after }: Change): Change => ({ path, before: before === null ? null : ERASED, after: after === null ? null : ERASED });
