/** The process is killed at every step that a change takes; after the restart the application is equal to Strapi. */
import type { ConnectionInfo, Population } from '../../server/src/contracts/connection';
import { TABLES } from '../../server/src/models';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import { accountsOf, expectAgreement, identitiesOf, type AccountRow } from './agreement';
import { rolesOf, type Roles } from './changes';
import type { AccountUid, CrashPoint } from './commands';
import { Site, Unanswered } from './site';

const CONTENT = '/content-manager/collection-types/plugin::users-permissions.user';
const END_USERS: AccountUid = 'plugin::users-permissions.user';

/** Changes are recorded, nothing is sent. */
const WITHOUT_WORKER = { plugins: { 'user-provisioning': { config: { worker: false } } } };

type Kind = 'create' | 'update' | 'delete';
/** Through Strapi's HTTP API, which has a transaction open for end users, or by a bare `db.query`, which has none. */
type Way = 'api' | 'query';

let site: Site;
let roles: Roles;
let serial = 0;
const targets = {} as Record<Population, TargetApp>;
const connections = {} as Record<Population, ConnectionInfo>;

beforeAll(async () => {
  site = await Site.open();
  for (const population of ['end-users', 'admin-users'] as const) {
    const target = await startTargetApp();
    targets[population] = target;
    const input = { name: population, direction: 'outbound', population, system: population, baseUrl: target.baseUrl, bearerToken: target.token } as const;
    connections[population] = (await site.connect(input)).connection;
  }
  roles = await rolesOf(site);
});
// What an earlier test left armed, or dead.
beforeEach(() => site.disarm());
afterAll(async () => {
  await site.close();
  await Promise.all(Object.values(targets).map((target) => target.stop()));
});

const agree = async (population: Population): Promise<void> => {
  await site.settled();
  await expectAgreement(site, connections[population], targets[population]);
};

const accountOf = async (population: Population, email: string): Promise<AccountRow | undefined> =>
  (await accountsOf(site, population)).find((account) => account.email === email);

/** An admin user is inactive at first and stays unknown to the application. */
const invite = (name: string, email: string): Promise<AccountRow> =>
  site.admin<AccountRow>({ method: 'POST', path: '/admin/users', body: { firstname: name, lastname: 'Test', email, roles: [roles.editor] } });

/** Brings a person to the application; `invited` is an admin user's account. */
async function create(population: Population, way: Way, name: string, email: string, invited?: AccountRow): Promise<void> {
  if (population === 'admin-users') {
    const { id } = invited ?? (await invite(name, email));
    await site.admin({ method: 'PUT', path: `/admin/users/${id}`, body: { isActive: true } });
  } else if (way === 'api') {
    await site.admin({ method: 'POST', path: CONTENT, body: { username: name, email, password: 'Test-12345', confirmed: true, blocked: false, role: roles.user } });
  } else {
    await site.command({ do: 'query', uid: END_USERS, method: 'create', params: { data: { username: name, email, provider: 'local', blocked: false } } });
  }
}

async function change(population: Population, way: Way, kind: 'update' | 'delete', account: AccountRow, email: string): Promise<void> {
  const method = kind === 'update' ? 'PUT' : 'DELETE';
  const body = kind === 'update' ? { body: { email } } : {};
  if (population === 'admin-users') await site.admin({ method, path: `/admin/users/${account.id}`, ...body });
  else if (way === 'api') await site.admin({ method, path: `${CONTENT}/${account.documentId}`, ...body });
  else await site.command({ do: 'query', uid: END_USERS, method: kind, params: { where: { id: account.id }, data: { email } } });
}

const unlessUnanswered = (error: unknown): void => {
  if (!(error instanceof Unanswered)) throw error;
};

interface Story {
  population: Population;
  way: Way;
  kind: Kind;
  point: CrashPoint;
}

/** One change, killed at the point, then started again. Answers whether the change is in Strapi. */
async function crash({ population, way, kind, point }: Story): Promise<{ happened: boolean; name: string }> {
  serial += 1;
  const name = `person-${serial}`;
  const before = `${name}@example.com`;
  const after = `${name}@example.org`;
  if (kind !== 'create') await create(population, 'api', name, before);
  else if (population === 'admin-users') await invite(name, before);
  await site.settled();
  const account = await accountOf(population, before);
  await site.command({ do: 'arm', point });
  const changing =
    kind === 'create' || !account ? create(population, way, name, before, account) : change(population, way, kind, account, after);
  await changing.catch(unlessUnanswered);
  await site.died();

  await site.start();
  await site.settled();
  const found = (await accountOf(population, before)) ?? (await accountOf(population, after));
  const happened = kind === 'delete' ? !found : kind === 'update' ? found?.email === after : found !== undefined && found.isActive !== false;
  return { happened, name };
}

const DELIVERY: CrashPoint[] = [
  'marker-claimed', 'request-unsent', 'answer-unread', 'link-unsaved', 'marker-uncompleted', 'log-unwritten', 'delivery-uncommitted', 'delivery-committed',
];
const stories = (population: Population, way: Way, kinds: Kind[], points: CrashPoint[]): Story[] =>
  kinds.flatMap((kind) => points.map((point) => ({ population, way, kind, point })));
const ALL: Kind[] = ['create', 'update', 'delete'];

describe('killed while the change is recorded', () => {
  it.each(stories('end-users', 'api', ALL, ['marker-uncommitted']))('$kind of $population by the $way, $point: it did not happen', async (story) => {
    expect((await crash(story)).happened).toBe(false);
    await agree(story.population);
  });

  it.each([
    ...stories('end-users', 'query', ALL, ['account-written', 'marker-unwritten']),
    ...stories('admin-users', 'api', ALL, ['account-written', 'marker-uncommitted']),
  ])('$kind of $population by the $way, $point: it happened and arrives', async (story) => {
    expect((await crash(story)).happened).toBe(true);
    await agree(story.population);
  });
});

describe('killed while the change is delivered', () => {
  it.each([
    ...stories('end-users', 'api', ['create'], DELIVERY),
    ...stories('end-users', 'api', ['update', 'delete'], ['request-unsent', 'answer-unread', 'delivery-uncommitted']),
    ...stories('admin-users', 'api', ALL, ['answer-unread']),
  ])('$kind of $population, $point: the application is equal to Strapi, nobody is there twice', async (story) => {
    expect((await crash(story)).happened).toBe(true);
    await agree(story.population);
  });
});

/** Ends the process while the application holds a person whose creation Strapi has not noted, with nothing being sent afterwards. */
async function createdUnnoted(population: Population, name: string): Promise<AccountRow> {
  const email = `${name}@example.com`;
  const invited = population === 'admin-users' ? await invite(name, email) : undefined;
  await site.settled();
  await site.command({ do: 'arm', point: 'answer-unread' });
  await create(population, 'api', name, email, invited).catch(unlessUnanswered);
  await site.died();
  await site.start({ config: WITHOUT_WORKER });
  const account = await accountOf(population, email);
  if (!account) throw new Error('The account is gone.');
  return account;
}

async function restart(): Promise<void> {
  await site.kill();
  await site.start();
}

describe('killed before a creation was noted, and the person is gone or blocked before it is tried again', () => {
  it.each(['end-users', 'admin-users'] as const)('%s: deleted, the application does not keep them', async (population) => {
    const account = await createdUnnoted(population, `orphan-${population}`);
    await change(population, 'api', 'delete', account, '');
    await restart();
    await agree(population);
  });

  it('blocked: the application does not let them in', async () => {
    const { id } = await createdUnnoted('end-users', 'shut-out');
    await site.command({ do: 'query', uid: END_USERS, method: 'update', params: { where: { id }, data: { blocked: true } } });
    await restart();
    await site.settled();
    expect((await targets['end-users'].users()).filter((user) => user.userName === 'shut-out' && user.active !== false)).toEqual([]);
  });
});

describe('a name that moves to another person, who is tried before the one who had it', () => {
  const scimIdOf = async (email: string): Promise<string> => {
    const account = await accountOf('end-users', email);
    const identity = (await identitiesOf(site, 'end-users')).find((item) => item.account_id === account?.id);
    if (!identity) throw new Error(`${email} has no identity.`);
    return identity.scim_id;
  };
  const deliverAt = (scimId: string, time: number): Promise<unknown> =>
    site.command({ do: 'update-rows', table: TABLES.outbox, where: { object_id: scimId }, set: { run_at: time } });

  const moved = async (name: string, release: (holder: AccountRow) => Promise<unknown>): Promise<void> => {
    const [before, after] = [`${name}@example.com`, `${name}@example.org`];
    await create('end-users', 'api', name, before);
    await site.settled();
    const holder = await accountOf('end-users', before);
    const holderId = await scimIdOf(before);
    if (!holder) throw new Error('The account is gone.');
    await site.kill();
    await site.start({ config: WITHOUT_WORKER });
    await release(holder);
    await create('end-users', 'api', name, after);
    const heirId = await scimIdOf(after);
    await deliverAt(holderId, Date.now() + 3_600_000);
    await restart();
    await eventually(
      () => site.command<{ attempts: number }[]>({ do: 'rows', table: TABLES.outbox, where: { object_id: heirId } }),
      (markers) => markers.some((marker) => marker.attempts >= 2)
    );
    await deliverAt(holderId, 0);
    await agree('end-users');
  };

  it('because they were deleted', () => moved('heir', (holder) => change('end-users', 'api', 'delete', holder, '')));

  it('because they were renamed', () =>
    moved('namesake', ({ documentId }) => site.admin({ method: 'PUT', path: `${CONTENT}/${documentId}`, body: { username: 'namesake-before' } })));
});

it('killed in the sweep at boot, before it noted what it found', async () => {
  await create('end-users', 'query', 'twice', 'twice@example.com');
  await site.settled();
  const account = await accountOf('end-users', 'twice@example.com');
  await site.command({ do: 'delete-rows', table: 'up_users', where: { id: account?.id ?? 0 } });
  await site.kill();
  // Where it dies depends on how fast it boots: before it is ready, or just after.
  await site.start({ armed: 'marker-unwritten' }).catch(() => undefined);
  await site.died();
  await site.start();
  await agree('end-users');
});
