/** What a search asks of the database: indexes instead of tables, and few statements. */
import type { Knex } from 'knex';
import { TABLES } from '../../server/src/models';
import type { Connection } from '../../server/src/domain/connection/connection';
import type { ListQuery } from '../../server/src/ports/scim-service';
import { parseFilter } from '../../server/src/scim/filter/parser';
import { RESOURCE_TYPES } from '../../server/src/scim/schema/resource-types';
import { ENTERPRISE_USER_URN } from '../../server/src/scim/schema/urns';
import { SqlGroupStore } from '../../server/src/strapi/group-store';
import { SqlConnectionStore } from '../../server/src/strapi/connection-store';
import { createInbound, type Inbound } from '../helpers/connections';
import { statementsOf as allStatementsOf, type Statement } from '../helpers/queries';
import { searchParts, type SearchParts } from '../helpers/search-parts';
import { eventually } from '../helpers/wait';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

let booted: BootedStrapi;
let idp: Inbound;
let parts: SearchParts;
let connection: Connection;
let knex: Knex;

beforeAll(async () => {
  booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { worker: false, sweepSchedule: '0 0 1 1 *' } } } } });
  idp = await createInbound(booted);
  for (let index = 0; index < 30; index += 1) {
    const { status } = await idp.scim('POST', '/Users', {
      userName: `user-${index}`, externalId: `x-${index}`, title: `Title ${index}`, emails: [{ value: `user-${index}@x.example`, type: 'work' }], [ENTERPRISE_USER_URN]: { employeeNumber: `E${index}` },
    });
    expect(status).toBe(201);
  }
  const members = (await idp.scim('GET', '/Users?count=20')).body.Resources?.map(({ id }) => ({ value: id }));
  for (const displayName of ['One', 'Two', 'Three']) await idp.scim('POST', '/Groups', { displayName, members, note: displayName === 'Two' ? 'kept' : undefined });
  parts = searchParts(booted.strapi, RESOURCE_TYPES.User);
  const [first] = await new SqlConnectionStore(parts.database, parts.clock).all();
  if (first === undefined) throw new Error('No connection.');
  connection = first;
  knex = booted.strapi.db.connection as unknown as Knex;
});
afterAll(() => booted.stop());

const statementsOf = async (work: () => Promise<unknown>): Promise<Statement[]> =>
  (await allStatementsOf(booted, work)).filter(({ sql }) => /^(?:set statement \S+ = \S+ for )?select /i.test(sql));

const find = (text: string | null, fields: Partial<ListQuery> = {}) =>
  parts.search.find(connection, RESOURCE_TYPES.User, { filter: text === null ? null : parseFilter(text), sort: null, cursor: null, startIndex: 1, count: 10, withoutMembers: false, ...fields }, 'https://x');

async function plansOf(text: string | null, fields: Partial<ListQuery> = {}): Promise<string> {
  const statements = await statementsOf(() => find(text, fields));
  const plans: string[] = [];
  for (const { sql, bindings } of statements) {
    if (booted.database.client === 'sqlite') {
      const rows = (await knex.raw(`explain query plan ${sql}`, bindings)) as { detail: string }[];
      plans.push(...rows.map((row) => row.detail));
    } else {
      plans.push(
        ...(await knex.transaction(async (trx) => {
          // With thirty users reading the table is cheaper than any index: this asks whether an index could be used.
          await trx.raw('set local enable_seqscan = off; set local enable_bitmapscan = off');
          const { rows } = (await trx.raw(`explain ${sql.replace(/\$\d+/g, '?')}`, bindings)) as { rows: { 'QUERY PLAN': string }[] };
          return rows.map((row) => row['QUERY PLAN']);
        }))
      );
    }
  }
  return plans.join('\n');
}

/** PostgreSQL chooses among indexes by the number of rows; with so few its choice says nothing. */
const onSqlite = (process.env.TEST_DATABASE ?? 'sqlite') === 'sqlite' ? it : it.skip;
const hasPlans = (process.env.TEST_DATABASE ?? 'sqlite') !== 'mysql';

(hasPlans ? describe : describe.skip)('an index answers', () => {
  it.each([
    ['userName eq "USER-7"', 'find'],
    ['emails[type eq "work"].value eq "user-7@x.example"', 'find'],
    ['emails[type eq "work" and value eq "user-7@x.example"]', 'find'],
    ['emails eq "user-7@x.example"', 'find'],
    [`${ENTERPRISE_USER_URN}:employeeNumber eq "e7"`, 'find'],
    ['title eq "title 7" and active eq true', 'find'],
    ['userName eq "user-7" or userName eq "user-8" or title eq "title 9"', 'find'],
    ['userName sw "user-1"', 'find'],
    ['title gt "title 28"', 'find'],
  ])('%s', async (text) => {
    expect((await find(text)).totalResults).toBeGreaterThan(0);
    const plan = await plansOf(text);
    if (booted.database.client === 'sqlite') {
      expect(plan).toMatch(/SEARCH v USING (?:COVERING )?INDEX provisioning_values_find \(connection_id=\? AND attribute=\? AND sub=\? AND text/);
      expect(plan).not.toMatch(/SCAN (?:i|v|x|w|l|k)\b/);
    } else {
      expect(plan).toMatch(/provisioning_values_find/);
      expect(plan).not.toMatch(/Seq Scan on provisioning_(?:values|identities)/);
    }
  });

  onSqlite.each([
    ['externalId eq "x-7"', /provisioning_links_external/],
    ['meta.lastModified gt "2020-01-01T00:00:00Z"', /provisioning_identities_modified/],
    ['id eq "00000000-0000-4000-8000-000000000000"', /provisioning_identities_scim_id/],
    [null, /provisioning_identities_live/],
  ])('%s', async (text, index) => {
    const plan = await plansOf(text);
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/SCAN (?:i|x|k|v)\b|Seq Scan/);
  });

  onSqlite('pages, by index from both ends and by cursor, without sorting', async () => {
    const { nextCursor } = await find(null, { cursor: '' });
    for (const fields of [{ startIndex: 1 }, { startIndex: 25 }, { cursor: String(nextCursor) }]) {
      const plan = await plansOf(null, fields);
      expect(plan).toMatch(/provisioning_identities_live|PRIMARY KEY|provisioning_identities_pkey/);
      expect(plan).not.toMatch(/SCAN (?:i|o)\b|Seq Scan/);
      if (booted.database.client === 'sqlite') expect(plan.replace(/USE TEMP B-TREE FOR ORDER BY$/, '')).not.toMatch(/TEMP B-TREE/);
    }
  });
});

it('needs as many statements for a page of many users as for one of few', async () => {
  const count = async (path: string): Promise<number> => (await statementsOf(() => idp.scim('GET', path))).length;
  // The first request fills caches of connections and tokens.
  await count('/Users?count=2');
  const few = await count('/Users?count=2');
  expect(await count('/Users?count=30')).toBe(few);
  expect(few).toBeLessThanOrEqual(9);
  expect(await count(`/Users?count=30&filter=${encodeURIComponent('title sw "t"')}`)).toBeLessThanOrEqual(few + 2);
  const group = await count('/Groups?count=1');
  expect(await count('/Groups?count=3')).toBe(group);
});

onSqlite('reads nobody but those of the page', async () => {
  const statements = await statementsOf(() => idp.scim('GET', '/Users?count=30'));
  expect(statements.length).toBe(3);
  for (const { sql, bindings } of statements) {
    const plan = ((await knex.raw(`explain query plan ${sql}`, bindings)) as { detail: string }[]).map((row) => row.detail).join('\n');
    // An index that only its first column narrows answers everybody of a population, or everything of a connection.
    if (!/limit \? offset/.test(sql)) expect({ sql, plan }).toEqual({ sql, plan: expect.not.stringMatching(/SCAN provisioning_(?!connections)|\((?:population|connection_id)=\?\)/) });
  }
});

onSqlite('pages of members stand in the order of an index, and are not sorted', async () => {
  const groups = new SqlGroupStore(parts.database, parts.clock);
  const [group] = await groups.query({ connectionId: connection.id, displayNameNorm: 'one' }, 0, 1);
  if (group === undefined) throw new Error('No group.');
  const statements = await statementsOf(async () => {
    await groups.memberPage(group, 'User', 5, 3);
    await groups.shownPage(group, 5, 3, null);
    await groups.members(group);
  });
  expect(statements).toHaveLength(3);
  for (const { sql, bindings } of statements) {
    const plan = ((await knex.raw(`explain query plan ${sql}`, bindings)) as { detail: string }[]).map((row) => row.detail).join('\n');
    expect({ sql, plan }).toEqual({ sql, plan: expect.stringMatching(/provisioning_members_by_age \(group_id=\?/) });
    expect(plan).not.toMatch(/TEMP B-TREE/);
  }
});

describe('the number of users', () => {
  const total = async (): Promise<number | undefined> => (await idp.scim('GET', '/Users?count=0')).body.totalResults;

  it('follows every way a user comes and goes, without being counted again', async () => {
    expect(await total()).toBe(30);
    const made = await idp.scim('POST', '/Users', { userName: 'later' });
    expect(await total()).toBe(31);
    const own = await booted.strapi.plugin('users-permissions').service('user').add({ username: 'own', email: 'own@x.example', provider: 'local' });
    expect(await total()).toBe(32);
    expect(await statementsOf(() => idp.scim('GET', '/Users?count=0')).then((list) => list.filter(({ sql }) => /count\(/.test(sql)))).toEqual([]);
    expect((await idp.scim('POST', '/Users', { userName: 'LATER' })).status).toBe(409);
    expect(await total()).toBe(32);
    await booted.strapi.plugin('users-permissions').service('user').remove({ id: own.id });
    await idp.scim('DELETE', `/Users/${made.body.id}`);
    expect(await total()).toBe(30);
    expect((await idp.scim('GET', '/Users?startIndex=30&count=5')).body.Resources).toHaveLength(1);
  });
});

const exact = (): string[] => Array<string>(2).fill(booted.database.client === 'postgres' ? 'C' : 'utf8mb4_nopad_bin');

async function collations(): Promise<(string | null)[]> {
  const mysql = booted.database.client === 'mysql';
  const answer: unknown = await knex.raw(
    `select collation_name as name from information_schema.columns where table_name = '${TABLES.values}' and column_name in ('text', 'long_text') and table_schema = ${mysql ? 'database()' : "'public'"}`
  );
  const rows = (mysql ? (answer as [{ name: string }[]])[0] : (answer as { rows: { name: string }[] }).rows) as { name: string | null }[];
  return rows.map((row) => row.name);
}

it('compares exactly', async () => {
  if (booted.database.client !== 'sqlite') expect(await collations()).toEqual(exact());
});

describe('another boot', () => {
  beforeAll(async () => {
    // As a version without an index of values left it.
    await knex(TABLES.values).delete();
    for (const table of [TABLES.identities, TABLES.groups]) await knex(table).update({ indexed: null });
    expect((await find('title eq "title 7"')).ids).toEqual([]);
    const { database } = booted;
    await booted.stop({ keepDatabase: true });
    booted = await bootStrapi({ database, config: { plugins: { 'user-provisioning': { config: { worker: false } } } } });
    knex = booted.strapi.db.connection as unknown as Knex;
    parts = searchParts(booted.strapi, RESOURCE_TYPES.User);
  });

  it('makes the index that is missing before it answers', async () => {
    const list = (path: string) => booted.http.get(`${idp.root}${path}`).set('Authorization', `Bearer ${idp.token}`).buffer(true);
    await eventually(async () => (await list('/Users?count=1')).status, (status) => status === 200);
    expect((await find('title eq "title 7" and userName eq "USER-7" and emails pr')).ids).toHaveLength(1);
    expect((await find('title pr')).totalResults).toBe(30);
    const group = JSON.parse((await list(`/Groups?filter=${encodeURIComponent('note eq "kept"')}`)).text);
    expect(group.totalResults).toBe(1);
    const left = await Promise.all([knex(TABLES.identities).whereNotNull('account_id'), knex(TABLES.groups)].map((rows) => rows.whereNull('indexed').count({ total: '*' }).first()));
    expect(left.map((row) => Number(row?.total))).toEqual([0, 0]);
  });

  it('still compares exactly', async () => {
    if (booted.database.client === 'sqlite') return;
    expect(await collations()).toEqual(exact());
  });
});
