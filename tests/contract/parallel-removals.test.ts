/**
 * Requests for one user at the same moment: of several deletions one is done and the others find nobody, and a change
 * beside a deletion never brings anybody back. Runs on every database, because each decides such races in its own way.
 */
import { createInbound, operations, type Inbound, type ScimAnswer } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

const ROUNDS = 12;
const AT_ONCE = 4;

let booted: BootedStrapi;
let idp: Inbound;
let keeping: Inbound;

beforeAll(async () => {
  booted = await bootStrapi({ listen: true });
  idp = await createInbound(booted);
  keeping = await createInbound(booted, { name: 'Keeps accounts', policies: { onDelete: { action: 'block', graceDays: 0 }, onDeactivate: { action: 'remove-roles', graceDays: 0 } } });
});
afterAll(() => booted.stop());

const statuses = (answers: ScimAnswer[]): number[] => answers.map(({ status }) => status).sort((a, b) => a - b);
const atOnce = <T>(work: (index: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index)));
const newUser = async (client: Inbound, userName: string): Promise<string> => (await client.scim('POST', '/Users', { userName })).body.id;
const successes = async (id: string, operation: string): Promise<number> =>
  (await operations(booted, `&objectId=${id}`)).filter((row) => row.objectId === id && row.operation === operation && row.outcome === 'success').length;
const count = async (table: string, where: Record<string, unknown>): Promise<number> =>
  Number(((await booted.strapi.db.connection(table).where(where).count({ total: '*' })) as { total: number | string }[])[0]?.total);

const ONE_DONE = [204, ...Array.from({ length: AT_ONCE - 1 }, () => 404)];

it.each(['deleted', 'kept'])('of several deletions of one user, who is %s, exactly one is done', async (kind) => {
  const client = kind === 'deleted' ? idp : keeping;
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = await newUser(client, `leaver-${kind}-${round}`);
    expect(statuses(await atOnce(() => client.scim('DELETE', `/Users/${id}`)))).toEqual(ONE_DONE);
    expect(await successes(id, 'delete')).toBe(1);
  }
}, 120_000);

it('a change beside a deletion is done before it or finds nobody', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = await newUser(idp, `racer-${round}`);
    // One that changes the account, one that changes nothing, one that replaces everything.
    const [removed, ...changed] = await Promise.all([
      idp.scim('DELETE', `/Users/${id}`),
      idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'title', value: 'Late' }] }),
      idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: true }] }),
      idp.scim('PUT', `/Users/${id}`, { userName: `racer-${round}`, active: false }),
    ]);
    expect(removed.status).toBe(204);
    expect(changed.map(({ status }) => status).filter((status) => status !== 200 && status !== 404)).toEqual([]);
    expect((await idp.scim('GET', `/Users/${id}`)).status).toBe(404);
    // Nothing is left that belongs to nobody.
    expect(await count('provisioning_links', { local_id: id })).toBe(0);
    expect(await count('up_users', { username: `racer-${round}` })).toBe(0);
  }
}, 120_000);

it('of several deletions of one group exactly one is done', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id } = (await idp.scim('POST', '/Groups', { displayName: `Closing ${round}` })).body;
    expect(statuses(await atOnce(() => idp.scim('DELETE', `/Groups/${id}`)))).toEqual(ONE_DONE);
    expect(await successes(id, 'delete')).toBe(1);
  }
}, 120_000);

it('somebody who is deactivated several times at once leaves once', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = await newUser(keeping, `sleeper-${round}`);
    const answers = await atOnce(() => keeping.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] }));
    expect(statuses(answers)).toEqual(Array.from({ length: AT_ONCE }, () => 200));
    expect(await successes(id, 'deactivate')).toBe(1);
    expect(await successes(id, 'role-revoke')).toBe(1);
    expect(await count('provisioning_departures', { scim_id: id })).toBe(1);
  }
}, 120_000);
