/**
 * A site with people, written in bulk: accounts by the database, identities by the plugin's own first sweep, and of those who
 * are linked already the link that the plugin wrote for one of them, repeated.
 */
import { createConnection, adminApi } from '../../tests/helpers/connections';
import type { TestDatabase } from '../../tests/helpers/databases';
import { bootStrapi, type BootedStrapi } from '../../tests/helpers/strapi';
import { eventually } from '../../tests/helpers/wait';
import { TABLES } from '../../server/src/models';
import { filledName } from './people';

export interface Filling {
  size: number;
  /** Of them, those who are linked already. */
  linked: number;
  target: { baseUrl: string; token: string };
}

const LONG_MS = 3_600_000;
const PAGE = 5_000;

/** No sweep by schedule: it would follow bulk changes while something else is timed. */
export const boot = (database: TestDatabase, listen = false): Promise<BootedStrapi> =>
  bootStrapi({ database, listen, config: { plugins: { 'user-provisioning': { config: { sweepSchedule: '0 0 1 1 *' } } } } });

/** Answers the id of the outbound connection. */
export async function fill(database: TestDatabase, { size, linked, target }: Filling): Promise<number> {
  const empty = await boot(database);
  await addAccounts(empty, size);
  await empty.stop({ keepDatabase: true });
  const booted = await boot(database);
  const identities = booted.strapi.db.connection(TABLES.identities);
  await eventually(async () => Number((await identities.clone().where({ population: 'end-users' }).count({ total: '*' }))[0]?.total), (total) => total === size, LONG_MS);
  const { connection } = await createConnection(booted, {
    name: 'Bench', direction: 'outbound', population: 'end-users', system: 'bench', baseUrl: target.baseUrl, bearerToken: target.token,
  });
  if (linked > 0) await addLinks(booted, connection.id, linked, target);
  await booted.stop({ keepDatabase: true });
  return connection.id;
}

async function addAccounts({ strapi }: BootedStrapi, size: number): Promise<void> {
  const knex = strapi.db.connection;
  const role = await knex('up_roles').where({ type: 'authenticated' }).first('id');
  const people = `with recursive s(n) as (select 1 union all select n + 1 from s where n < ${size})`;
  const now = Date.now();
  await knex.transaction(async (trx) => {
    await trx.raw(`${people} insert into up_users (id, document_id, username, email, provider, confirmed, blocked, created_at, updated_at, published_at)
      select n, printf('d%023d', n), 'person-' || n || '@example.com', 'person-' || n || '@example.com', 'local', 1, 0, ${now}, ${now}, ${now} from s`);
    await trx.raw(`${people} insert into up_users_role_lnk (user_id, role_id, user_ord) select n, ${role.id}, n from s`);
  });
}

async function addLinks(booted: BootedStrapi, connectionId: number, linked: number, target: Filling['target']): Promise<void> {
  const knex = booted.strapi.db.connection;
  const { data } = await adminApi<{ outcome: string; message: string }>(booted, 'post', `/connections/${connectionId}/provision`, { userId: 1, dryRun: false });
  if (data.outcome !== 'done') throw new Error(`The first person was not provisioned: ${data.message}`);
  const { id: _id, ...template } = await knex(TABLES.links).where({ connection_id: connectionId }).first();
  const own = await knex(TABLES.links).where({ connection_id: connectionId }).first('local_id', 'remote_id');
  await fetch(`${target.baseUrl}/Users/${own.remote_id}`, { method: 'DELETE' });
  await fetch(`${target.baseUrl}/bench`, { method: 'POST', body: JSON.stringify({ filled: linked }) });
  await knex(TABLES.links).where({ connection_id: connectionId }).delete();
  for (let after = 0; after < linked; after += PAGE) {
    const to = Math.min(linked, after + PAGE);
    const identities: { account_id: number; scim_id: string }[] = await knex(TABLES.identities).where({ population: 'end-users' }).whereBetween('account_id', [after + 1, to]).select('account_id', 'scim_id');
    const rows = identities.map(({ account_id: n, scim_id: scimId }) => {
      const told = (text: string): string => text.replaceAll(filledName(1), filledName(n)).replaceAll(own.local_id, scimId);
      return { ...template, local_id: scimId, remote_id: `filled-${n}`, snapshot: told(template.snapshot) };
    });
    await knex.transaction((trx) => trx.batchInsert(TABLES.links, rows, 50));
  }
}
