/**
 * What searching costs by the size of the site: the first sweep of a site with that many accounts, single look-ups, scans,
 * first and last pages, and what the index adds to a create. All users are linked to one connection.
 *
 *   node -r ./bench/typescript.cjs bench/search.ts [sizes] [rounds]      default 10000,100000 and 20
 */
import { randomUUID } from 'node:crypto';
import { createInbound } from '../tests/helpers/connections';
import { bootStrapi, type BootedStrapi } from '../tests/helpers/strapi';
import { searchParts } from '../tests/helpers/search-parts';
import type { Resource } from '../server/src/domain/resource/resource';
import { TABLES } from '../server/src/models';
import type { ListQuery } from '../server/src/ports/scim-service';
import { parseFilter } from '../server/src/scim/filter/parser';
import { RESOURCE_TYPES } from '../server/src/scim/schema/resource-types';
import { ENTERPRISE_USER_URN, USER_URN } from '../server/src/scim/schema/urns';
import { SqlConnectionStore } from '../server/src/strapi/connection-store';
import { sweepPopulation } from '../server/src/strapi/sweep';

const sizes = (process.argv[2] ?? '10000,100000').split(',').map(Number);
const rounds = Number(process.argv[3] ?? 20);
const median = (values: number[]): number => Number(([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0).toFixed(2));

/** Accounts as Strapi leaves them, written in bulk. */
async function fillAccounts(booted: BootedStrapi, from: number, to: number): Promise<void> {
  const knex = booted.strapi.db.connection;
  const role = await knex('up_roles').where({ type: 'authenticated' }).first('id');
  for (let start = from; start < to; start += 500) {
    const ids = Array.from({ length: Math.min(500, to - start) }, (_, index) => start + index + 1);
    await knex.transaction(async (trx) => {
      const accounts = ids.map((id) => ({
        id, document_id: randomUUID().replaceAll('-', '').slice(0, 24), username: `filler-${id}`, email: `filler-${id}@example.com`,
        provider: 'local', confirmed: true, blocked: id % 10 === 0, created_at: new Date(), updated_at: new Date(), published_at: new Date(),
      }));
      await trx.batchInsert('up_users', accounts, 80);
      await trx.batchInsert('up_users_role_lnk', ids.map((id) => ({ user_id: id, role_id: role.id, user_ord: id })), 200);
    });
  }
  // MySQL and SQLite go on from the largest id by themselves.
  if (booted.strapi.db.dialect.client === 'postgres') await knex.raw(`select setval(pg_get_serial_sequence('up_users', 'id'), ?)`, [to]);
}

/** Links as a provider leaves them, and a sweep that puts what the connection sees into the index. */
async function fillLinks(booted: BootedStrapi, connectionId: number, from: number): Promise<void> {
  const knex = booted.strapi.db.connection;
  for (let last = from; ; ) {
    const rows = (await knex(TABLES.identities).where('account_id', '>', last).whereNotNull('account_id').where({ population: 'end-users' }).orderBy('account_id').limit(500).select('account_id', 'scim_id')) as { account_id: number; scim_id: string }[];
    if (rows.length === 0) break;
    const kept = (id: number): string =>
      JSON.stringify({
        schemas: [USER_URN, ENTERPRISE_USER_URN], userName: `filler-${id}`, active: true, displayName: `Person Number ${id}`, title: `Title ${id % 50}`,
        name: { givenName: `Given ${id % 1000}`, familyName: `Family ${id}` }, emails: [{ value: `filler-${id}@example.com`, type: 'work', primary: true }, { value: `home-${id}@example.org`, type: 'home' }],
        [ENTERPRISE_USER_URN]: { employeeNumber: `E${id}`, department: `Department ${id % 20}` },
      });
    await knex.transaction((trx) =>
      trx.batchInsert(TABLES.links, rows.map((row) => ({
        connection_id: connectionId, object_type: 'User', local_id: row.scim_id, external_id: `ext-${row.account_id}`, kept: kept(row.account_id), state: 'linked', created_at: Date.now(), updated_at: Date.now(),
      })), 80)
    );
    last = rows.at(-1)?.account_id ?? last;
  }
  await knex(TABLES.identities).where('account_id', '>', from).update({ indexed: null });
}

async function main(): Promise<void> {
  const booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { sweepSchedule: '0 0 1 1 *', worker: false } } } } });
  const idp = await createInbound(booted, { name: 'Bench' });
  const parts = searchParts(booted.strapi, RESOURCE_TYPES.User);
  const [connection] = await new SqlConnectionStore(parts.database, parts.clock).all();
  if (connection === undefined) throw new Error('No connection.');
  const table: Record<string, string | number>[] = [];
  let filled = 0;
  for (const size of sizes) {
    await fillAccounts(booted, filled, size);
    const row: Record<string, string | number> = { users: size };
    const sweepOnce = async (): Promise<number> => {
      const start = performance.now();
      await sweepPopulation(booted.strapi, parts.database, parts.population, () => false);
      return Math.round(performance.now() - start);
    };
    row['first sweep ms'] = await sweepOnce();
    await fillLinks(booted, connection.id, filled);
    row['index links ms'] = await sweepOnce();
    row['idle sweep ms'] = await sweepOnce();
    if (booted.strapi.db.dialect.client === 'postgres') await booted.strapi.db.connection.raw('vacuum analyze');

    const measure = async (name: string, work: (round: number) => Promise<unknown>, times = rounds): Promise<void> => {
      const taken: number[] = [];
      await work(0);
      for (let round = 1; round <= times; round += 1) {
        const start = performance.now();
        await work(round);
        taken.push(performance.now() - start);
      }
      row[name] = median(taken);
    };
    const find = (filter: string | null, fields: Partial<ListQuery> = {}): Promise<unknown> =>
      parts.search
        .find(connection, RESOURCE_TYPES.User, { filter: filter === null ? null : parseFilter(filter), sort: null, cursor: null, startIndex: 1, count: 100, withoutMembers: false, ...fields }, 'https://x/scim/v2')
        .catch((error: unknown) => String(error));
    const path = (attribute: string, subAttribute: string | null = null) => ({ path: { schema: null, attribute, subAttribute }, descending: false });
    const any = (round: number): number => ((round * 7_919) % size) + 1;
    await measure('userName eq', (round) => find(`userName eq "FILLER-${any(round)}"`));
    await measure('externalId eq', (round) => find(`externalId eq "ext-${any(round)}"`));
    await measure('emails[].value eq', (round) => find(`emails[type eq "work"].value eq "filler-${any(round)}@example.com"`));
    await measure('employeeNumber eq', (round) => find(`${ENTERPRISE_USER_URN}:employeeNumber eq "e${any(round)}"`));
    await measure('userName sw', (round) => find(`userName sw "filler-${any(round)}"`));
    await measure('displayName co', (round) => find(`displayName co "umber ${any(round)}"`));
    await measure('active eq', () => find('active eq true'));
    await measure('department eq', () => find(`${ENTERPRISE_USER_URN}:department eq "department 7"`));
    await measure('active and title', () => find('active eq true and title eq "title 7"'));
    await measure('not eq', () => find('not (title eq "title 7")'));
    await measure('ne', () => find('title ne "title 7"'));
    await measure('lastModified gt', () => find('meta.lastModified gt "2099-01-01T00:00:00Z"'));
    await measure('first page', () => find(null));
    await measure('middle page', () => find(null, { startIndex: size / 2 }));
    await measure('last page', () => find(null, { startIndex: size - 99 }));
    await measure('cursor page', async () => find(null, { cursor: '' }));
    await measure('sort userName', () => find(null, { sort: path('userName') }), 5);
    await measure('sort familyName', () => find(null, { sort: path('name', 'familyName') }), 5);
    await measure('cursor page, active eq', () => find('active eq true', { cursor: '' }));
    const user = (round: number): Resource => ({
      schemas: [USER_URN], userName: `bench-${round}`, active: true, displayName: `Bench ${round}`, title: 'Title', name: { givenName: 'Given', familyName: `Family ${round}` },
      emails: [{ value: `bench-${round}@example.com`, type: 'work', primary: true }], [ENTERPRISE_USER_URN]: { employeeNumber: `E${round}`, department: 'Department' },
    });
    // In one transaction, as a create has them: what the index adds to it.
    await parts.database.run(async () => {
      await measure('index of one new user', async (round) => {
        const account = { schemas: [USER_URN], userName: `bench-${round}`, active: true, emails: user(round).emails };
        await parts.index.put([{ type: 'User', key: 100_000_000 + round, connectionId: 0, resource: account }], { isNew: true });
        await parts.index.put([{ type: 'User', key: 100_000_000 + round, connectionId: connection.id, resource: user(round) }], { isNew: true });
      }, 300);
      await measure('index of one changed user', (round) => parts.index.put([{ type: 'User', key: 100_000_000 + round, connectionId: connection.id, resource: user(round) }]), 300);
      for (let round = 0; round <= 300; round += 1) await parts.index.remove('User', 100_000_000 + round);
    });
    await measure('HTTP userName eq', (round) => idp.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "filler-${any(round)}"`)}`));
    await measure('HTTP page of 100', (round) => idp.scim('GET', `/Users?startIndex=${any(round)}&count=100`));
    await measure('HTTP create', async (round) => idp.scim('POST', '/Users', { userName: `bench-${size}-${round}`, displayName: 'Bench', name: { givenName: 'A', familyName: 'B' }, emails: [{ value: `bench-${size}-${round}@example.com`, type: 'work', primary: true }] }), 60);
    // The measured creates took ids behind those of the fill.
    filled = Number((await booted.strapi.db.connection('up_users').max({ last: 'id' }).first())?.last ?? size);
    table.push(row);
    console.error(JSON.stringify(row));
  }
  const names = Object.keys(table[0] ?? {});
  console.table(Object.fromEntries(names.map((name) => [name, Object.fromEntries(table.map((row) => [String(row.users), row[name]]))])));
  await booted.stop();
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
