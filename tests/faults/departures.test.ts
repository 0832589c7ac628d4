/** The process is killed while a person's account is blocked, deleted or anonymised: all of a step happened or none, and once. */
import type { ConnectionWithToken, DepartureAction, DepartureRule } from '../../server/src/contracts/connection';
import { TABLES } from '../../server/src/models';
import { eventually } from '../helpers/wait';
import { accountsOf } from './agreement';
import type { CrashPoint } from './commands';
import { Site, Unanswered, type Answer, type Send } from './site';

const DAY_MS = 24 * 60 * 60 * 1_000;

let site: Site;
let serial = 0;
const providers = new Map<DepartureAction, ConnectionWithToken>();

beforeAll(async () => {
  site = await Site.open();
  for (const action of ['delete', 'anonymise'] as const) {
    const rule: DepartureRule = { action, graceDays: 1 };
    providers.set(action, await site.connect({ name: action, direction: 'inbound', population: 'end-users', policies: { onDelete: rule } }));
  }
});
beforeEach(() => site.disarm());
afterAll(() => site.close());

const scim = (action: DepartureAction, method: Send['method'], path: string, body?: unknown): Promise<Answer> => {
  const { connection, token } = providers.get(action) ?? { connection: { baseUrl: '' }, token: null };
  return site.send({ method, path: `${new URL(connection.baseUrl, 'http://strapi.invalid').pathname}${path}`, body, token: token ?? '' });
};

interface Person {
  id: string;
  userName: string;
  accountId: number;
}

async function hired(action: DepartureAction): Promise<Person> {
  serial += 1;
  const userName = `leaver-${serial}`;
  const { status, body } = await scim(action, 'POST', '/Users', { userName, externalId: `ext-${serial}`, emails: [{ value: `${userName}@example.com` }] });
  expect(status).toBe(201);
  const account = (await accountsOf(site, 'end-users')).find(({ username }) => username === userName);
  return { id: (body as { id: string }).id, userName, accountId: account?.id ?? 0 };
}

const departuresOf = ({ id }: Person) => site.command<{ due_at: number | null; original: string | null }[]>({ do: 'rows', table: TABLES.departures, where: { scim_id: id } });
const deletionsOf = ({ id }: Person) => site.command<{ trigger_kind: string }[]>({ do: 'rows', table: TABLES.operations, where: { object_id: id, operation: 'delete', outcome: 'success' } });
const accountOf = async ({ accountId }: Person) => (await accountsOf(site, 'end-users')).find(({ id }) => id === accountId);

/** Sends a request that the process does not survive, and starts it again. */
async function killedIn(point: CrashPoint, work: () => Promise<unknown>): Promise<void> {
  await site.command({ do: 'arm', point });
  await expect(work()).rejects.toThrow(Unanswered);
  await site.died();
  await site.start();
}

/** The grace period ends while Strapi is down; the job at boot is killed at `point`, and does it at the next boot. */
async function dueAndKilledAt(person: Person, point: CrashPoint): Promise<void> {
  await site.command({ do: 'update-rows', table: TABLES.departures, where: { scim_id: person.id }, set: { due_at: Date.now() - DAY_MS } });
  await site.kill();
  await site.start({ armed: point }).catch(() => undefined);
  await site.died();
  await site.start();
}

/** Whose time is over, and was dealt with. */
const gone: Person[] = [];

/** What blocks is the same for every action. */
it.each<CrashPoint>(['account-written', 'delivery-uncommitted'])('blocking killed at %s did not happen, and happens once when it is sent again', async (point) => {
  const action = 'delete';
  const person = await hired(action);
  await killedIn(point, () => scim(action, 'DELETE', `/Users/${person.id}`));
  expect(await accountOf(person)).toMatchObject({ username: person.userName, blocked: false });
  expect([await departuresOf(person), await deletionsOf(person)]).toEqual([[], []]);
  expect((await scim(action, 'DELETE', `/Users/${person.id}`)).status).toBe(204);
  expect(await accountOf(person)).toMatchObject({ blocked: true });
  expect((await accountOf(person))?.username).toMatch(/^departed-/);
  expect([(await departuresOf(person)).length, (await deletionsOf(person)).length]).toEqual([1, 1]);
});

describe.each(['delete', 'anonymise'] as const)('%s after a grace period', (action) => {
  // The job starts before Strapi has loaded, and with it the hook on accounts.
  it.each<CrashPoint>(['log-unwritten', 'delivery-uncommitted'])('killed at %s is done by the next start, once', async (point) => {
    const person = await hired(action);
    expect((await scim(action, 'DELETE', `/Users/${person.id}`)).status).toBe(204);
    await dueAndKilledAt(person, point);
    const done = await eventually(() => deletionsOf(person), (rows) => rows.length > 1);
    expect(done.map((row) => row.trigger_kind).sort()).toEqual(['inbound-request', 'sweep']);
    if (action === 'delete') {
      expect(await accountOf(person)).toBeUndefined();
      expect(await departuresOf(person)).toEqual([]);
    } else {
      expect(await accountOf(person)).toMatchObject({ blocked: true, username: expect.stringMatching(/^departed-/) });
      // The look for what deliveries may have told the log meanwhile is still to come.
      expect(await departuresOf(person)).toEqual([expect.objectContaining({ due_at: expect.any(Number) })]);
      const told = await site.command<object[]>({ do: 'rows', table: TABLES.operations, where: { object_id: person.id } });
      expect(JSON.stringify(told)).not.toContain(person.userName);
    }
    gone.push(person);
  });
});

it('nothing of it is done again by a later start', async () => {
  expect(gone).toHaveLength(4);
  await site.kill();
  await site.start();
  await site.settled();
  for (const person of gone) expect(await deletionsOf(person)).toHaveLength(2);
});
