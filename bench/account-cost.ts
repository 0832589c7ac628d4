/**
 * What one user costs by the size of the site: SCIM create, look-up, deactivate and delete over HTTP, beside Strapi's own
 * user service in the same process. The plugin's cost must not grow with the table.
 *
 *   node -r ./bench/typescript.cjs bench/account-cost.ts [sizes] [rounds]      default 1000,10000,100000 and 100
 */
import { randomUUID } from 'node:crypto';
import { bootStrapi, type BootedStrapi } from '../tests/helpers/strapi';
import { createInbound } from '../tests/helpers/connections';

const sizes = (process.argv[2] ?? '1000,10000,100000').split(',').map(Number);
const rounds = Number(process.argv[3] ?? 100);

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function timed(times: number[], work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  times.push(performance.now() - start);
}

/** Accounts as provisioning leaves them, written in bulk. */
async function fill(booted: BootedStrapi, from: number, to: number): Promise<void> {
  const knex = booted.strapi.db.connection;
  const role = await knex('up_roles').where({ type: 'authenticated' }).first('id');
  for (let start = from; start < to; start += 500) {
    const ids = Array.from({ length: Math.min(500, to - start) }, (_, index) => start + index + 1);
    await knex.transaction(async (trx) => {
      await trx.batchInsert('up_users', ids.map((id) => ({
        id, document_id: randomUUID().replaceAll('-', '').slice(0, 24), username: `filler-${id}`, email: `filler-${id}@example.com`,
        provider: 'local', confirmed: true, blocked: false, created_at: Date.now(), updated_at: Date.now(), published_at: Date.now(),
      })), 80);
      await trx.batchInsert('up_users_role_lnk', ids.map((id) => ({ user_id: id, role_id: role.id, user_ord: id })), 200);
      await trx.batchInsert('provisioning_identities', ids.map((id) => ({
        population: 'end-users', account_id: id, scim_id: randomUUID(), user_name: `filler-${id}`, user_name_norm: `filler-${id}`,
        email_norm: `filler-${id}@example.com`, version: 1, created_at: Date.now(), updated_at: Date.now(),
      })), 80);
    });
  }
}

async function measure(booted: BootedStrapi, size: number): Promise<Record<string, string | number>> {
  const idp = await createInbound(booted, { name: `Bench ${size}` });
  const service = booted.strapi.plugin('users-permissions').service('user');
  const role = (await booted.strapi.db.query('plugin::users-permissions.role').findOne({ where: { type: 'authenticated' } })).id;
  const times = { create: [], find: [], deactivate: [], delete: [], strapiAdd: [], strapiRemove: [] } as Record<string, number[]>;
  const of = (name: string): number[] => (times[name] ??= []);
  for (let round = 0; round < rounds; round += 1) {
    const userName = `bench-${size}-${round}`;
    let id = '';
    // Interleaved, so that a slow moment of the machine hits both.
    await timed(of('create'), async () => {
      id = (await idp.scim('POST', '/Users', { userName, emails: [{ value: `${userName}@example.com` }] })).body.id;
    });
    let added: { id: number } = { id: 0 };
    await timed(of('strapiAdd'), async () => {
      added = await service.add({ username: `own-${userName}`, email: `own-${userName}@example.com`, provider: 'local', role });
    });
    await timed(of('find'), () => idp.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`));
    await timed(of('deactivate'), () => idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] }));
    await timed(of('delete'), () => idp.scim('DELETE', `/Users/${id}`));
    await timed(of('strapiRemove'), () => service.remove({ id: added.id }));
  }
  const row: Record<string, string | number> = { users: size };
  for (const [name, values] of Object.entries(times)) row[`${name} ms`] = Number(median(values).toFixed(2));
  return row;
}

async function main(): Promise<void> {
  // No sweep in between: it would follow the bulk rows while something else is timed.
  const booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { sweepSchedule: '0 0 1 1 *' } } } } });
  const rows: Record<string, string | number>[] = [];
  let filled = 0;
  for (const size of sizes) {
    await fill(booted, filled, size);
    filled = size;
    rows.push(await measure(booted, size));
    console.error(`${size} users measured`);
  }
  console.table(rows);
  await booted.stop();
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
