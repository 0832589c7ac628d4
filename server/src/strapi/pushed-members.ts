import { TABLES } from '../models';
import type { NotedMembership, PendingMembers, PushedMember, PushedMembers } from '../ports/pushed-members';
import { toNumber, type Database, type Tables } from './database';

/** Bound parameters per statement stay far below every database's limit. */
const CHUNK = 300;

interface MemberRow {
  id: number;
  group_key: string;
  local_id: string;
  remote_id: string | null;
  wanted_id: string | null;
  state: string;
  seq: number;
}

const toMember = (row: MemberRow): PushedMember => ({ id: row.id, localId: row.local_id, remoteId: row.remote_id, wantedId: row.wanted_id, seq: row.seq });

export class SqlPushedMembers implements PushedMembers {
  constructor(private readonly database: Database) {}

  async follow(connectionId: number, localId: string, groupKeys: string[], remoteId: string | null): Promise<string[]> {
    return this.database.query(async (tables, knex) => {
      const person = { connection_id: connectionId, local_id: localId };
      const rows = (await tables(TABLES.pushedMembers).where(person)) as MemberRow[];
      const wanted = new Set(remoteId === null ? [] : groupKeys);
      const known = new Set(rows.map((row) => row.group_key));
      const toSend: string[] = [];
      for (const row of rows) {
        const next = wanted.has(row.group_key) ? remoteId : null;
        if (row.wanted_id === next && row.state !== 'refused') continue;
        if (row.state === 'held' && row.remote_id === next) {
          await tables(TABLES.pushedMembers).where({ id: row.id }).update({ wanted_id: next, state: 'sent' });
          continue;
        }
        await tables(TABLES.pushedMembers)
          .where({ id: row.id })
          .update({
            wanted_id: next,
            // What was wanted until now may just be on its way there.
            remote_id: row.remote_id ?? row.wanted_id,
            state: 'pending',
            seq: knex.raw('?? + 1', ['seq']),
          });
        toSend.push(row.group_key);
      }
      const added = [...wanted].filter((key) => !known.has(key));
      for (let start = 0; start < added.length; start += CHUNK) {
        const chunk = added.slice(start, start + CHUNK).map((key) => ({ ...person, group_key: key, remote_id: null, wanted_id: remoteId, state: 'pending', seq: 1 }));
        // The group may just have been found with the person in it.
        await tables(TABLES.pushedMembers)
          .insert(chunk)
          .onConflict(['connection_id', 'group_key', 'local_id'])
          .merge({
            state: knex.raw("case when ?? = 'held' and ?? = ? then 'sent' else 'pending' end", [`${TABLES.pushedMembers}.state`, `${TABLES.pushedMembers}.remote_id`, remoteId]),
            wanted_id: remoteId,
            seq: knex.raw('?? + 1', [`${TABLES.pushedMembers}.seq`]),
          });
      }
      // In one order everywhere: the markers of groups are locked by many people at a time.
      return [...toSend, ...added].sort();
    });
  }

  async noted(connectionId: number, localIds: string[]): Promise<Map<string, NotedMembership[]>> {
    const noted = new Map<string, NotedMembership[]>();
    for (let start = 0; start < localIds.length; start += CHUNK) {
      const some = localIds.slice(start, start + CHUNK);
      const rows = await this.database.query<MemberRow[]>(async (tables) => tables(TABLES.pushedMembers).where({ connection_id: connectionId }).whereIn('local_id', some));
      for (const row of rows) {
        const own = noted.get(row.local_id) ?? [];
        own.push({ groupKey: row.group_key, wantedId: row.wanted_id, isRefused: row.state === 'refused', ...(row.state === 'held' && row.remote_id !== null ? { heldAs: row.remote_id } : {}) });
        noted.set(row.local_id, own);
      }
    }
    return noted;
  }

  async forgetPerson(connectionId: number, localId: string): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.pushedMembers).where({ connection_id: connectionId, local_id: localId }).delete());
  }

  async count(connectionId: number, groupKey: string): Promise<PendingMembers> {
    const row = await this.database.query<{ total: number | string; wanted: number | string } | undefined>(async (tables) =>
      tables(TABLES.pushedMembers).where(pendingOf(connectionId, groupKey)).count({ total: '*', wanted: 'wanted_id' }).first()
    );
    const add = toNumber(row?.wanted ?? 0);
    return { add, remove: toNumber(row?.total ?? 0) - add };
  }

  async countWanted(connectionId: number, groupKey: string): Promise<number> {
    const row = await this.database.query<{ wanted: number | string } | undefined>(async (tables) =>
      tables(TABLES.pushedMembers).where({ connection_id: connectionId, group_key: groupKey }).count({ wanted: 'wanted_id' }).first()
    );
    return toNumber(row?.wanted ?? 0);
  }

  async pending(connectionId: number, groupKey: string, after: number, limit: number): Promise<PushedMember[]> {
    const rows = await this.database.query<MemberRow[]>(async (tables) =>
      tables(TABLES.pushedMembers).where(pendingOf(connectionId, groupKey)).where('id', '>', after).orderBy('id').limit(limit)
    );
    return rows.map(toMember);
  }

  async wanted(connectionId: number, groupKey: string, after: number, limit: number): Promise<PushedMember[]> {
    const rows = await this.database.query<MemberRow[]>(async (tables) =>
      tables(TABLES.pushedMembers).where({ connection_id: connectionId, group_key: groupKey }).whereNotNull('wanted_id').where('id', '>', after).orderBy('id').limit(limit)
    );
    return rows.map(toMember);
  }

  async put(connectionId: number, groupKey: string, members: { localId: string; wantedId: string | null }[]): Promise<void> {
    const group = { connection_id: connectionId, group_key: groupKey };
    await this.database.query(async (tables, knex) => {
      const raised = { seq: knex.raw('?? + 1', [`${TABLES.pushedMembers}.seq`]) };
      for (let start = 0; start < members.length; start += CHUNK) {
        const some = members.slice(start, start + CHUNK);
        const leaving = some.filter(({ wantedId }) => wantedId === null).map(({ localId }) => localId);
        await tables(TABLES.pushedMembers)
          .where(group)
          .whereIn('local_id', leaving)
          .whereNotNull('wanted_id')
          .update({ remote_id: knex.raw('coalesce(??, ??)', ['remote_id', 'wanted_id']), wanted_id: null, state: 'pending', ...raised });
        const coming = some.filter(({ wantedId }) => wantedId !== null).map(({ localId, wantedId }) => ({ ...group, local_id: localId, remote_id: null, wanted_id: wantedId, state: 'pending', seq: 1 }));
        if (coming.length === 0) continue;
        const wanted = knex.raw(this.database.client === 'mysql' ? 'values(`wanted_id`)' : 'excluded.wanted_id');
        await tables(TABLES.pushedMembers).insert(coming).onConflict(['connection_id', 'group_key', 'local_id']).merge({ wanted_id: wanted, state: 'pending', ...raised });
      }
    });
  }

  async sent(members: PushedMember[]): Promise<void> {
    const [added, removed] = [members.filter(({ wantedId }) => wantedId !== null), members.filter(({ wantedId }) => wantedId === null)];
    await this.unchanged(added, (rows, knexRef) => rows.update({ remote_id: knexRef('wanted_id'), state: 'sent' }));
    await this.unchanged(removed, (rows) => rows.delete());
  }

  async refused(members: PushedMember[]): Promise<void> {
    await this.unchanged(members, (rows) => rows.update({ state: 'refused' }));
  }

  async restart(connectionId: number, groupKey: string, held: string[]): Promise<void> {
    await this.database.query(async (tables, knex) => {
      const group = { connection_id: connectionId, group_key: groupKey };
      await tables(TABLES.pushedMembers).where(group).whereNull('wanted_id').delete();
      await tables(TABLES.pushedMembers).where(group).update({ remote_id: null, state: 'pending', seq: knex.raw('?? + 1', ['seq']) });
      for (let start = 0; start < held.length; start += CHUNK) {
        const ids = held.slice(start, start + CHUNK);
        const people = (await tables(TABLES.links)
          .where({ connection_id: connectionId, object_type: 'User' })
          .whereIn('remote_id', ids)
          .select('local_id', 'remote_id')) as Pick<MemberRow, 'local_id' | 'remote_id'>[];
        if (people.length === 0) continue;
        await tables(TABLES.pushedMembers)
          .insert(people.map((person) => ({ ...group, ...person, wanted_id: null, state: 'held', seq: 1 })))
          .onConflict(['connection_id', 'group_key', 'local_id'])
          .ignore();
        // Last: the statement before waits for people who are being delivered at this moment.
        await tables(TABLES.pushedMembers).where(group).whereIn('wanted_id', ids).update({ remote_id: knex.ref('wanted_id'), state: 'sent' });
      }
    });
  }

  async forgetGroup(connectionId: number, groupKey: string): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.pushedMembers).where({ connection_id: connectionId, group_key: groupKey }).delete());
  }

  /** Those that are still as they were read. */
  private async unchanged(members: PushedMember[], change: (rows: ReturnType<Tables>, ref: (column: string) => unknown) => PromiseLike<unknown>): Promise<void> {
    for (let start = 0; start < members.length; start += CHUNK) {
      const pairs = members.slice(start, start + CHUNK).map(({ id, seq }) => [id, seq]);
      await this.database.query(async (tables, knex) => change(tables(TABLES.pushedMembers).whereIn(['id', 'seq'], pairs), (column) => knex.ref(column)));
    }
  }
}

const pendingOf = (connectionId: number, groupKey: string) => ({ connection_id: connectionId, group_key: groupKey, state: 'pending' });
