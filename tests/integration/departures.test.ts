/** What happens to accounts whose person left: every action, both populations, sessions, re-hire, grace periods. */
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createConnection, createInbound, operations, type Inbound, type ScimAnswer } from '../helpers/connections';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import { TABLES } from '../../server/src/models';
import type { DepartureAction, DepartureRule, Population, RoleInfo } from '../../server/src/contracts/connection';

const END_USER = 'plugin::users-permissions.user';
const PASSWORD = 'Test-Pass-12345';
const ACTIONS: DepartureAction[] = ['block', 'delete', 'anonymise', 'remove-roles', 'nothing'];
const KEEPING: DepartureAction[] = ['block', 'anonymise', 'remove-roles'];
const POPULATIONS: Population[] = ['end-users', 'admin-users'];
const now = (action: DepartureAction): DepartureRule => ({ action, graceDays: 0 });
const later = (action: DepartureAction): DepartureRule => ({ action, graceDays: 7 });

let booted: BootedStrapi;
let target: TargetApp;
let roles: Record<Population, RoleInfo[]>;
let serial = 0;

beforeAll(async () => {
  booted = await bootStrapi();
  target = await startTargetApp();
  roles = {
    'end-users': (await adminApi<RoleInfo[]>(booted, 'get', '/roles?population=end-users')).data,
    'admin-users': (await adminApi<RoleInfo[]>(booted, 'get', '/roles?population=admin-users')).data,
  };
  await createConnection(booted, { name: 'App', direction: 'outbound', population: 'end-users', system: 'app', baseUrl: target.baseUrl, bearerToken: target.token });
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

const roleId = (population: Population, name: string): number => roles[population].find((role) => role.name === name)?.id ?? 0;

/** A role that no default gives. */
const givenRole = (population: Population): number => (population === 'end-users' ? roleId(population, 'Public') : roleId(population, 'Editor'));

const connect = (population: Population, policies: { onDelete?: DepartureRule; onDeactivate?: DepartureRule; visibility?: 'all' }): Promise<Inbound> => {
  serial += 1;
  const roleMappings = [{ groupName: 'Staff', roleId: givenRole(population), priority: 1 }];
  return createInbound(booted, { name: `IdP ${serial}`, system: `idp-${serial}`, population, policies, roleMappings });
};

interface Person {
  idp: Inbound;
  id: string;
  userName: string;
  externalId: string;
  accountId: number;
}

const bodyOf = ({ userName, externalId }: Pick<Person, 'userName' | 'externalId'>) => ({
  userName, externalId, emails: [{ value: userName, type: 'work', primary: true }], name: { givenName: 'Given', familyName: 'Family' }, title: 'Secret title',
});

const uidOf = (population: Population) => (population === 'end-users' ? END_USER : 'admin::user');
const accountOf = (population: Population, id: number) =>
  booted.strapi.db.query(uidOf(population)).findOne({ where: { id }, populate: population === 'end-users' ? ['role'] : ['roles'] });
const rolesOf = async ({ idp: { connection }, accountId }: Person): Promise<number[]> => {
  const account = await accountOf(connection.population, accountId);
  return connection.population === 'end-users' ? (account.role ? [account.role.id] : []) : account.roles.map((role: { id: number }) => role.id);
};
const table = (name: keyof typeof TABLES) => booted.strapi.db.connection(TABLES[name]);
const isUsable = async ({ idp: { connection }, accountId }: Person): Promise<boolean> => {
  const account = await accountOf(connection.population, accountId);
  return connection.population === 'end-users' ? account.blocked !== true : account.isActive === true;
};

async function hire(idp: Inbound, fields: Partial<Person> = {}): Promise<Person> {
  serial += 1;
  const person = { userName: `person-${serial}@example.com`, externalId: `external-${serial}`, ...fields };
  const created = await idp.scim('POST', '/Users', bodyOf(person));
  expect(created.status).toBe(201);
  const [identity] = await table('identities').where({ scim_id: created.body.id });
  return { ...person, idp, id: created.body.id, accountId: identity.account_id };
}

const deactivate = ({ idp, id }: Person): Promise<ScimAnswer> =>
  idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] });
const activate = ({ idp, id }: Person): Promise<ScimAnswer> =>
  idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: true }] });
const remove = ({ idp, id }: Person): Promise<ScimAnswer> => idp.scim('DELETE', `/Users/${id}`);

async function expectGone({ idp, id, userName, externalId }: Person): Promise<void> {
  const body = bodyOf({ userName, externalId });
  expect((await idp.scim('GET', `/Users/${id}`)).status).toBe(404);
  expect((await idp.scim('PUT', `/Users/${id}`, body)).status).toBe(404);
  expect((await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'title', value: 'x' }] })).status).toBe(404);
  expect((await idp.scim('DELETE', `/Users/${id}`)).status).toBe(404);
  expect((await idp.scim('GET', `/Users?filter=${encodeURIComponent(`id eq "${id}"`)}`)).body.totalResults).toBe(0);
  expect((await idp.scim('GET', `/Users?filter=${encodeURIComponent(`externalId eq "${externalId}"`)}`)).body.totalResults).toBe(0);
}

/** Carries out what is due, as after days: Strapi is started again, and the job runs at boot. */
async function afterDays(): Promise<void> {
  await table('departures').whereNotNull('due_at').update({ due_at: 1 });
  const { database } = booted;
  await booted.stop({ keepDatabase: true });
  // The connections of the test go on asking the one they were made with.
  Object.assign(booted, await bootStrapi({ database }));
  await eventually(() => table('departures').where('due_at', '<=', Date.now()).count({ total: '*' }).first(), (row) => Number(row?.total) === 0);
}

async function signIn(population: Population, { accountId, userName }: Person): Promise<{ status: number; refresh: () => Promise<number> }> {
  if (population === 'end-users') {
    const answer = await booted.http.post('/api/auth/local').send({ identifier: userName, password: PASSWORD });
    const refresh = async (): Promise<number> => (await booted.http.post('/api/auth/refresh').send({ refreshToken: answer.body.refreshToken })).status;
    return { status: answer.status, refresh };
  }
  const account = await accountOf(population, accountId);
  const answer = await booted.http.post('/admin/login').send({ email: account.email, password: PASSWORD, deviceId: '7f1c7e1e-3d5e-4c63-9d8f-0d6f3a1f2b4c', rememberMe: true });
  const cookie = answer.headers['set-cookie'] as unknown as string[] | undefined;
  const refresh = async (): Promise<number> => (await booted.http.post('/admin/access-token').set('Cookie', cookie ?? [])).status;
  return { status: answer.status, refresh };
}

const setPassword = ({ idp: { connection }, accountId }: Person): Promise<unknown> =>
  connection.population === 'end-users'
    ? booted.strapi.plugin('users-permissions').service('user').edit(accountId, { password: PASSWORD, confirmed: true })
    : booted.strapi.service('admin::user').updateById(accountId, { password: PASSWORD });

/** Nothing is on its way to an application. */
const delivered = () => eventually(() => table('outbox').count({ total: '*' }).first(), (row) => Number(row?.total) === 0);

describe.each(POPULATIONS)('DELETE of %s', (population) => {
  it.each(ACTIONS)('%s: is 404 afterwards, frees the name, and never uses the id again', async (action) => {
    const idp = await connect(population, { onDelete: now(action) });
    const person = await hire(idp);
    const group = (await idp.scim('POST', '/Groups', { displayName: 'Staff', members: [{ value: person.id }] })).body;
    expect(await rolesOf(person)).toContain(givenRole(population));
    const version = (await idp.scim('GET', `/Groups/${group.id}`)).body.meta as { version: string };
    expect((await remove(person)).status).toBe(204);
    await expectGone(person);
    const after = (await idp.scim('GET', `/Groups/${group.id}`)).body;
    expect(after.members ?? []).toEqual([]);
    expect((after.meta as { version: string }).version).not.toBe(version.version);
    expect(await table('grants').where({ identity_id: person.id })).toEqual([]);
    expect(await table('links').where({ local_id: person.id, connection_id: idp.connection.id })).toEqual([]);
    const account = await accountOf(population, person.accountId);
    if (action === 'delete') expect(account).toBeNull();
    else if (action === 'nothing') expect(account).toMatchObject({ email: person.userName });
    else {
      expect(account.username).toMatch(/^departed-[0-9a-f]{12}$/);
      expect(account.email).toMatch(/^departed-[0-9a-f]{12}@users\.invalid$/);
      expect(await isUsable(person)).toBe(false);
    }
    if (action === 'remove-roles') expect(await rolesOf(person)).toEqual([]);
    // The same person or somebody of that name: free, with another id.
    const again = await idp.scim('POST', '/Users', { ...bodyOf(person), externalId: undefined });
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(person.id);
    expect((await idp.scim('GET', `/Users/${again.body.id}`)).body).toMatchObject({ userName: person.userName, active: true });
    const [identity] = await table('identities').where({ scim_id: again.body.id });
    // Only a released account keeps its name, and is found again by it.
    expect(identity.account_id === person.accountId).toBe(action === 'nothing');
  });

  it.each(['nothing', ...KEEPING] as const)('%s: the same externalId revives the kept account under a new id', async (action) => {
    const idp = await connect(population, { onDelete: now(action) });
    const person = await hire(idp);
    await remove(person);
    const back = await hire(idp, { userName: person.userName, externalId: person.externalId });
    expect(back.accountId).toBe(person.accountId);
    expect(back.id).not.toBe(person.id);
    await expectGone({ ...person, externalId: 'nobody' });
    expect((await idp.scim('GET', `/Users/${back.id}`)).body).toMatchObject({ userName: person.userName, active: true, externalId: person.externalId });
    expect(await isUsable(back)).toBe(true);
    expect(await table('departures').where({ account_id: back.accountId, population })).toEqual([]);
    if (population === 'end-users') expect(await rolesOf(back)).toEqual([roleId(population, 'Authenticated')]);
    const [row] = await operations(booted, `&search=${back.id}&connectionId=${idp.connection.id}`);
    expect(row).toMatchObject({ operation: 'reactivate', outcome: 'success', message: expect.stringContaining('new id') });
    // And can leave again.
    expect((await remove(back)).status).toBe(204);
    await expectGone(back);
  });

  it('ends sessions, also those that somebody blocked by hand had left', async () => {
    const idp = await connect(population, { onDelete: now('block') });
    const person = await hire(idp);
    await setPassword(person);
    const session = await signIn(population, person);
    expect(session.status).toBe(200);
    const set = (open: boolean) =>
      booted.strapi.db.query(uidOf(population)).update({ where: { id: person.accountId }, data: population === 'end-users' ? { blocked: !open } : { isActive: open } });
    await set(false);
    await remove(person);
    await set(true);
    expect(await session.refresh()).not.toBe(200);
  });

  it('with another externalId makes a new account beside the kept one', async () => {
    const idp = await connect(population, { onDelete: now('block') });
    const person = await hire(idp);
    await remove(person);
    const other = await hire(idp, { userName: person.userName, externalId: 'somebody-else' });
    expect(other.accountId).not.toBe(person.accountId);
  });

  it('twice at the same moment revives it once', async () => {
    const idp = await connect(population, { onDelete: now('block') });
    const person = await hire(idp);
    await remove(person);
    const answers = await Promise.all([1, 2, 3].map(() => idp.scim('POST', '/Users', bodyOf(person))));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
  });

  it('anonymise: takes the person out of the account, the link and the log', async () => {
    const idp = await connect(population, { onDelete: now('anonymise') });
    const person = await hire(idp);
    await setPassword(person);
    // A refusal that has nothing but the name.
    expect((await idp.scim('POST', '/Users', { userName: person.userName })).status).toBe(409);
    await idp.scim('PATCH', `/Users/${person.id}`, { Operations: [{ op: 'replace', path: 'name.familyName', value: 'Marriedname' }] });
    await remove(person);
    await delivered();
    // What was on its way to an application meanwhile is caught by a second look.
    await afterDays();
    const account = await accountOf(population, person.accountId);
    expect(account).toMatchObject(population === 'end-users' ? { password: null } : { firstname: null, lastname: null, password: null, isActive: false });
    const stored = JSON.stringify([
      account,
      await table('operations').where({ object_id: person.id }),
      await table('operations').where({ connection_id: idp.connection.id }),
      await table('links').where({ local_id: person.id }),
      await table('identities').where({ scim_id: person.id }),
      await table('departures').where({ account_id: person.accountId, population }),
    ]);
    for (const secret of [person.userName, 'Given', 'Marriedname', 'Secret title']) expect(stored).not.toContain(secret);
    const rows = await operations(booted, `&search=${person.id}&connectionId=${idp.connection.id}`);
    expect(rows.map((row) => row.operation)).toEqual(expect.arrayContaining(['create', 'update', 'delete']));
  });

  it('with a grace period keeps names and roles until it is over, and then does it', async () => {
    const people: Partial<Record<DepartureAction, Person>> = {};
    for (const action of ['block', 'delete', 'anonymise', 'remove-roles'] as const) {
      const person = await hire(await connect(population, { onDelete: later(action) }));
      people[action] = person;
      await remove(person);
      await expectGone(person);
      expect(await isUsable(person)).toBe(false);
      const [departure] = await table('departures').where({ account_id: person.accountId, population });
      expect(JSON.parse(departure.original)).toEqual({ userName: person.userName, email: person.userName });
      expect(Number(departure.due_at)).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    }
    await afterDays();
    const { block, delete: deleted, anonymise, 'remove-roles': withoutRoles } = people as Required<typeof people>;
    expect(await accountOf(population, deleted?.accountId ?? 0)).toBeNull();
    expect(await table('departures').where({ account_id: deleted?.accountId, population })).toEqual([]);
    for (const person of [block, anonymise, withoutRoles]) {
      if (!person) throw new Error('Nobody there.');
      const [departure] = await table('departures').where({ account_id: person.accountId, population });
      expect(departure.original ?? '').not.toContain(person.userName);
      if (person !== anonymise) expect(departure).toMatchObject({ due_at: null, original: null });
      expect(await accountOf(population, person.accountId)).not.toBeNull();
    }
    if (withoutRoles) expect(await rolesOf(withoutRoles)).toEqual([]);
    expect(JSON.stringify(await table('operations').where({ object_id: anonymise?.id }))).not.toContain(anonymise?.userName);
    const [row] = await operations(booted, `&search=${deleted?.id}&connectionId=${deleted?.idp.connection.id}`);
    expect(row).toMatchObject({ operation: 'delete', outcome: 'success', trigger: 'sweep' });
  });

  it('in the grace period a re-hire without an address gets the old one back', async () => {
    const idp = await connect(population, { onDelete: later('delete') });
    const person = await hire(idp);
    await remove(person);
    const back = await idp.scim('POST', '/Users', { userName: `new-name-${person.accountId}`, externalId: person.externalId });
    expect(back.status).toBe(201);
    expect((await accountOf(population, person.accountId)).email).toBe(person.userName);
  });

  it('a kept account that is deleted by hand leaves nothing; one that is unblocked by hand is an ordinary account again', async () => {
    const idp = await connect(population, { onDelete: now('block') });
    const [gone, freed, blocked] = [await hire(idp), await hire(idp), await hire(idp)];
    for (const person of [gone, freed, blocked]) await remove(person);
    await booted.strapi.db.query(uidOf(population)).delete({ where: { id: gone.accountId } });
    expect(await table('departures').where({ account_id: gone.accountId, population })).toEqual([]);
    expect(await table('identities').where({ account_id: gone.accountId, population })).toEqual([]);
    const open = population === 'end-users' ? { blocked: false } : { isActive: true };
    await booted.strapi.db.query(uidOf(population)).update({ where: { id: freed.accountId }, data: open });
    const [identity] = await table('identities').where({ account_id: freed.accountId, population });
    expect(identity.scim_id).not.toBe(freed.id);
    expect((await idp.scim('GET', `/Users/${identity.scim_id}`)).status).toBe(200);
    expect((await idp.scim('GET', `/Users/${freed.id}`)).status).toBe(404);
    expect(await table('departures').where({ account_id: freed.accountId, population })).toEqual([]);
    // Any other change by hand, and every sweep, leaves a departed account unseen.
    await booted.strapi.db.query(uidOf(population)).update({ where: { id: blocked.accountId }, data: { username: 'renamed by hand' } });
    await afterDays();
    const [still] = await table('identities').where({ account_id: blocked.accountId, population });
    expect(still).toMatchObject({ scim_id: blocked.id, state: 'departed', user_name_norm: null });
    expect((await idp.scim('GET', `/Users?filter=${encodeURIComponent('userName eq "renamed by hand"')}`)).body.totalResults).toBe(0);
  });
});

describe.each(POPULATIONS)('active: false of %s', (population) => {
  it.each(ACTIONS)('%s: sessions and refresh tokens end at once, unless nothing is to be done', async (action) => {
    const person = await hire(await connect(population, { onDeactivate: later(action) }));
    await setPassword(person);
    const session = await signIn(population, person);
    expect(session.status).toBe(200);
    const answer = await deactivate(person);
    expect(answer.body).toMatchObject({ id: person.id, active: false });
    expect((await person.idp.scim('GET', `/Users/${person.id}`)).body.active).toBe(false);
    const usable = action === 'nothing';
    expect(await isUsable(person)).toBe(usable);
    expect((await session.refresh()) === 200).toBe(usable);
    expect(((await signIn(population, person)).status === 200)).toBe(usable);
    // Shown as written until it is written again.
    await person.idp.scim('PATCH', `/Users/${person.id}`, { Operations: [{ op: 'replace', path: 'title', value: 'Other' }] });
    await person.idp.scim('PUT', `/Users/${person.id}`, { ...bodyOf(person), title: 'Third' });
    expect((await person.idp.scim('GET', `/Users/${person.id}`)).body).toMatchObject({ active: false, title: 'Third' });
    expect(await isUsable(person)).toBe(usable);
    expect((await activate(person)).body.active).toBe(true);
    expect(await isUsable(person)).toBe(true);
    expect(await table('departures').where({ account_id: person.accountId, population })).toEqual([]);
  });

  it.each(['delete', 'anonymise'] as const)('%s without grace: the answer is the last state, then 404', async (action) => {
    const idp = await connect(population, { onDeactivate: now(action) });
    const [patched, put] = [await hire(idp), await hire(idp)];
    expect(await deactivate(patched)).toMatchObject({ status: 200, body: { id: patched.id, active: false } });
    const answer = await idp.scim('PUT', `/Users/${put.id}`, { ...bodyOf(put), active: false });
    expect(answer).toMatchObject({ status: 200, body: { id: put.id, active: false } });
    for (const person of [patched, put]) {
      const account = await accountOf(population, person.accountId);
      if (action === 'delete') expect(account).toBeNull();
      else expect(account.username).toMatch(/^departed-/);
      if (action === 'anonymise') expect(JSON.stringify(await table('operations').where({ connection_id: idp.connection.id }))).not.toContain(person.userName);
    }
    for (const person of [patched, put]) await expectGone(person);
    expect((await hire(idp, { userName: patched.userName, externalId: patched.externalId })).id).not.toBe(patched.id);
  });

  it('remove-roles: takes all, groups give nothing meanwhile, and reactivation gives them back', async () => {
    const idp = await connect(population, { onDeactivate: now('remove-roles') });
    const person = await hire(idp);
    await idp.scim('POST', '/Groups', { displayName: 'Staff', members: [{ value: person.id }] });
    await deactivate(person);
    expect(await rolesOf(person)).toEqual([]);
    await idp.scim('POST', '/Groups', { displayName: 'staff', members: [{ value: person.id }] });
    expect(await rolesOf(person)).toEqual([]);
    await activate(person);
    expect(await rolesOf(person)).toEqual([givenRole(population)]);
  });

  it('what is planned is done when due, unless the person is active again by then', async () => {
    const idp = await connect(population, { onDeactivate: later('delete') });
    const [leaver, returner, freed] = [await hire(idp), await hire(idp), await hire(idp)];
    for (const person of [leaver, returner, freed]) await deactivate(person);
    await activate(returner);
    const [told] = await operations(booted, `&search=${returner.id}&connectionId=${idp.connection.id}`);
    expect(told).toMatchObject({ operation: 'reactivate', message: expect.stringContaining('Cancelled') });
    const open = population === 'end-users' ? { blocked: false } : { isActive: true };
    await booted.strapi.db.query(uidOf(population)).update({ where: { id: freed.accountId }, data: open });
    await afterDays();
    await expectGone(leaver);
    expect(await accountOf(population, leaver.accountId)).toBeNull();
    for (const person of [returner, freed]) expect((await idp.scim('GET', `/Users/${person.id}`)).body.active).toBe(true);
    const [cancelled] = await operations(booted, `&search=${freed.id}&connectionId=${idp.connection.id}`);
    expect(cancelled).toMatchObject({ outcome: 'skipped', message: expect.stringContaining('by hand') });
  });

  it('a POST that is inactive makes a blocked account, whatever the policy', async () => {
    for (const action of ACTIONS) {
      const idp = await connect(population, { onDeactivate: now(action) });
      const created = await idp.scim('POST', '/Users', { userName: `quiet-${action}-${serial}@example.com`, active: false });
      expect((await idp.scim('GET', `/Users/${created.body.id}`)).body.active).toBe(false);
      const [identity] = await table('identities').where({ scim_id: created.body.id });
      expect(await isUsable({ idp, id: created.body.id, accountId: identity.account_id, userName: '', externalId: '' })).toBe(false);
    }
  });
});

it('outbound connections hear that a person is gone, and what becomes of a released one', async () => {
  const [leaver, released] = [await hire(await connect('end-users', { onDelete: now('block') })), await hire(await connect('end-users', { onDelete: now('nothing') }))];
  const names = async (): Promise<string[]> => (await target.users()).map((user) => String(user.userName));
  await eventually(names, (seen) => seen.includes(leaver.userName) && seen.includes(released.userName));
  await remove(leaver);
  await remove(released);
  await eventually(names, (seen) => !seen.includes(leaver.userName));
  await delivered();
  expect(await names()).toContain(released.userName);
});
