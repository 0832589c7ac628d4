import { normaliseName } from '../domain/identity/normalise';
import { remainderOf } from '../domain/log/seal';
import { USER_URN } from '../scim/schema/urns';
import { TABLES } from '../models';
import type { ErasedPerson, Erasure } from '../ports/erasure';
import type { IdentityStore } from './identity-store';
import type { Population } from '../contracts/connection';
import { SEALED_COLUMNS, toSealable } from './log-seals';
import { parseJson, toJson, type Database } from './database';

const BATCH = 200;
const ERASED = '[erased]';
/** What of a record goes; the message of a success names nobody. */
const GONE = ['object_name', 'object_name_norm', 'remote_id', 'detail'] as const;

interface Detail {
  steps?: { message: string }[];
  changes?: { path: string; before: unknown; after: unknown }[];
  http?: { requestBody: unknown; responseBody: unknown } | null;
}

/** Erases a person from the log and from the snapshots of targets, some rows at a time. */
export class SqlErasure implements Erasure {
  constructor(
    private readonly database: Database,
    private readonly identitiesOf: (population: Population) => IdentityStore
  ) {}

  async erase(person: ErasedPerson): Promise<void> {
    const ids = [person.scimId, ...(await this.identitiesOf(person.population).predecessors(person.scimId))];
    for (const id of ids) {
      await this.eraseRows({ object_id: id }, person);
      await this.database.query(async (tables) => {
        // Our id is all that is needed to find the person at a target and to tell it that they are gone.
        const snapshot = toJson({ schemas: [USER_URN], externalId: id });
        await tables(TABLES.links).where({ object_type: 'User', local_id: id }).update({ snapshot, hash: null });
        // What failed is told in sentences that name people; the code says enough.
        await tables(TABLES.outbox).where({ object_type: 'User', object_id: id }).update({ error_message: null });
        await tables(TABLES.identities).where({ scim_id: id }).update({ user_name: person.replacement });
        await tables(TABLES.heldObjects).where({ object_id: id }).delete();
      });
    }
    await this.database.query(async (tables) => tables(TABLES.heldObjects).where({ object_id: null, object_key: normaliseName(person.userName) }).delete());
    // Refused before an account was known: the name is all such rows have.
    await this.eraseRows({ object_id: null, object_name_norm: normaliseName(person.userName), object_type: 'User', population: person.population }, person);
  }

  private async eraseRows(where: Record<string, string | null>, { replacement }: ErasedPerson): Promise<void> {
    for (let last = 0; ; ) {
      const rows = await this.database.query<Record<string, unknown>[]>(async (tables) =>
        tables(TABLES.operations).where(where).where('id', '>', last).orderBy('id').limit(BATCH).select(SEALED_COLUMNS)
      );
      for (const found of rows) {
        const row = toSealable(found);
        const values = {
          object_name: replacement,
          object_name_norm: normaliseName(replacement),
          // The provider's own id of the person.
          remote_id: null,
          // What was refused or failed is told in sentences that name people.
          message: row.outcome === 'success' ? row.message : ERASED,
          detail: toJson(withoutValues(parseJson<Detail>(row.detail) ?? {})),
          // So that the seal of the log holds without the values, and nobody finds them by their commitments.
          remainder: toJson(remainderOf(row, row.outcome === 'success' ? GONE : [...GONE, 'message'])),
          salt: null,
        };
        await this.database.query(async (tables) => tables(TABLES.operations).where({ id: row.id }).update(values));
      }
      const end = rows.at(-1);
      if (end === undefined) return;
      last = Number(end.id);
    }
  }
}

/** Which attributes changed stays, their values go. */
function withoutValues({ steps = [], changes = [], http = null }: Detail): Detail {
  return {
    steps: steps.map((step) => ({ ...step, message: ERASED })),
    changes: changes.map(({ path, before, after }) => ({ path, before: before === null ? null : ERASED, after: after === null ? null : ERASED })),
    http: http === null ? null : { ...http, requestBody: ERASED, responseBody: ERASED },
  };
}
