/** Whom a connection provisions, and what becomes of those who leave it, at a real SCIM application. */
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createConnection, createInbound, idle, operations } from '../helpers/connections';
import { startTargetApp, type TargetApp, type TargetUser } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import type { AssignedPage, OutboundPoliciesInput, Scope, ScopeClause, ScopeCount, ScopeTest } from '../../server/src/contracts/scope';
import { DEFAULT_OUTBOUND } from '../../server/src/domain/connection/outbound';
import { TABLES } from '../../server/src/models';

const DAY = 24 * 60 * 60 * 1_000;

let booted: BootedStrapi;
let target: TargetApp;
let id: number;
let editor: number;
let author: number;
let count = 0;

beforeAll(async () => {
  booted = await bootStrapi();
  target = await startTargetApp();
  const role = async (name: string): Promise<number> => (await booted.strapi.db.query('plugin::users-permissions.role').create({ data: { name, type: name.toLowerCase(), description: '' } })).id;
  [editor, author] = [await role('Editor'), await role('Author')];
  id = (await createConnection(booted, { name: 'The application', direction: 'outbound', population: 'end-users', system: 'app', baseUrl: target.baseUrl, bearerToken: target.token, outbound: { scope: scopeOf([roleIs(editor)]) } })).connection.id;
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

const roleIs = (value: number): ScopeClause => ({ attribute: 'role', operator: 'equals', value });
const scopeOf = (clauses: ScopeClause[], assignment: Scope['assignment'] = 'everyone'): Scope => ({ assignment, match: 'all', clauses });
const users = () => booted.strapi.plugin('users-permissions').service('user');
const add = async (role: number, fields: object = {}): Promise<{ id: number; name: string }> => {
  const name = `person-${(count += 1)}`;
  return { id: (await users().add({ username: name, email: `${name}@example.com`, provider: 'local', role, ...fields })).id, name };
};
const at = (name: string) => async (): Promise<TargetUser | undefined> => (await target.users()).find((user) => user.userName === name);
const info = async (): Promise<ConnectionInfo> => (await adminApi<ConnectionInfo>(booted, 'get', `/connections/${id}`)).data;
const settled = () => idle(booted, id);
const put = async (outbound: OutboundPoliciesInput) => {
  const answer = await adminApi<ConnectionInfo>(booted, 'put', `/connections/${id}`, { outbound });
  await settled();
  return answer;
};
const messages = async (name: string): Promise<string[]> => (await operations(booted, `&search=${name}`)).map((row) => `${row.operation} ${row.outcome}: ${row.message}`).reverse();

it('leaving the scope disables, coming back enables, and the log says which clause', async () => {
  const [ada, bob] = [await add(editor), await add(author)];
  await eventually(at(ada.name), (user) => user?.active === true);
  await users().edit(ada.id, { role: author });
  await eventually(at(ada.name), (user) => user?.active === false);
  await users().edit(ada.id, { role: editor });
  await eventually(at(ada.name), (user) => user?.active === true);
  await settled();
  expect(await at(bob.name)()).toBeUndefined();
  const out = `Out of scope: “role equals ${editor}” does not hold.`;
  expect(await messages(ada.name)).toEqual(['create success: Created.', `deactivate success: Deactivated. ${out}`, 'reactivate success: Activated again.']);
  expect(await messages(bob.name)).toEqual([`create skipped: ${out}`]);
});

it('a changed scope looks at everybody', async () => {
  const [ada, bob] = [await add(editor), await add(author)];
  await eventually(at(ada.name), (user) => user?.active === true);
  await put({ scope: scopeOf([roleIs(author)]) });
  expect([(await at(ada.name)())?.active, (await at(bob.name)())?.active]).toEqual([false, true]);
  await put({ scope: scopeOf([roleIs(editor)]) });
  expect([(await at(ada.name)())?.active, (await at(bob.name)())?.active]).toEqual([true, false]);
  // Nothing that was remembered under a scope outlives it.
  await put({ scope: scopeOf([]) });
  expect((await at(bob.name)())?.active).toBe(true);
  await put({ scope: scopeOf([roleIs(editor)]) });
  expect((await at(bob.name)())?.active).toBe(false);
});

it('a scope that a crash left half looked at is gone on with after the restart', async () => {
  const ada = await add(author);
  await settled();
  // As after a kill behind the statement that stores a scope: everybody is still to be looked at.
  await booted.strapi.db.connection(TABLES.connections).where({ id }).update({ outbound: JSON.stringify({ scope: scopeOf([]) }), requeue_after: 0 });
  await booted.stop({ keepDatabase: true });
  booted = await bootStrapi({ database: booted.database });
  await eventually(at(ada.name), (user) => user?.active === true);
  await settled();
  await put({ scope: scopeOf([roleIs(editor)]) });
});

it('grace waits, is cancelled by coming back, and ends by the job', async () => {
  await put({ leaving: { outOfScope: { action: 'delete', graceDays: 30 } } });
  const [ada, bob] = [await add(editor), await add(editor)];
  await eventually(at(bob.name), (user) => user?.active === true);
  await users().edit(ada.id, { role: author });
  await users().edit(bob.id, { role: author });
  await settled();
  await users().edit(bob.id, { role: editor });
  await settled();
  expect([(await at(ada.name)())?.active, (await at(bob.name)())?.active]).toEqual([true, true]);
  const scimIds = (await booted.strapi.db.connection(TABLES.identities).whereIn('account_id', [ada.id, bob.id]).select('scim_id')).map((row: { scim_id: string }) => row.scim_id);
  const standings = () => booted.strapi.db.connection(TABLES.standings).whereIn('local_id', scimIds).whereNotNull('wake_at');
  const [waiting, ...others] = (await standings()) as { id: number; since: number; wake_at: number }[];
  expect([others.length, Number(waiting?.wake_at) - Number(waiting?.since)]).toEqual([0, 30 * DAY]);
  expect((await messages(bob.name)).at(-1)).toMatch(/^update success: Out of scope.* Cancelled: the person is back\.$/);
  // A month later.
  await booted.strapi.db.connection(TABLES.standings).where({ id: waiting?.id }).update({ since: Number(waiting?.since) - 30 * DAY, wake_at: Number(waiting?.wake_at) - 30 * DAY });
  await put({ switches: { create: true, update: false } });
  await eventually(at(ada.name), (user) => user === undefined);
  expect(await standings()).toEqual([]);
  expect((await messages(ada.name)).at(-1)).toMatch(/^delete success: Deleted\. Out of scope/);
  await put({ leaving: DEFAULT_OUTBOUND.leaving, switches: DEFAULT_OUTBOUND.switches });
});

it('takes people out of their groups there', async () => {
  await put({ leaving: { outOfScope: { action: 'remove-groups', graceDays: 0 } } });
  const [ada, bob] = [await add(editor), await add(editor)];
  const [one, two] = [await eventually(at(ada.name), (user) => user !== undefined), await eventually(at(bob.name), (user) => user !== undefined)];
  const group = async (displayName: string, members: (TargetUser | undefined)[]): Promise<string> =>
    String((await target.request('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName, members: members.map((user) => ({ value: user?.id })) })).body.id);
  // Nobody leaves a group empty: scimmy's filter fails on a group without members.
  const groups = [await group('Red', [one, two]), await group('Blue', [two, one]), await group('Green', [one, two])];
  await users().edit(ada.id, { role: author });
  await settled();
  const left = await Promise.all(groups.map(async (ref) => ((await target.request('GET', `/Groups/${ref}`)).body.members as { value: string }[] | undefined)?.map(({ value }) => value) ?? []));
  expect(left).toEqual([[two?.id], [two?.id], [two?.id]]);
  expect((await at(ada.name)())?.active).toBe(true);
  expect((await messages(ada.name)).at(-1)).toMatch(/^update success: Taken out of 3 groups\. Out of scope/);
  await put({ leaving: DEFAULT_OUTBOUND.leaving });
});

it('switches hold an operation back, say it once, and do it when they are on again', async () => {
  await put({ switches: { create: false, deactivate: false } });
  const ada = await add(editor);
  await settled();
  await users().edit(ada.id, { email: 'other@example.com' });
  await settled();
  expect(await at(ada.name)()).toBeUndefined();
  expect(await messages(ada.name)).toEqual(['create skipped: Creations are switched off in this connection.']);
  await put({ switches: { create: true, deactivate: true } });
  expect(await at(ada.name)()).toMatchObject({ active: true });
});

it('people are assigned by hand, in bulk, and listed in pages', async () => {
  await put({ scope: scopeOf([], 'assigned') });
  const [ada, bob, eve] = [await add(author), await add(author), await add(author)];
  const assign = (userIds: (string | number)[], path = '') => adminApi<{ changed: number }>(booted, 'post', `/connections/${id}/assigned${path}`, { userIds });
  expect((await assign([ada.id, bob.id, eve.id])).data).toEqual({ changed: 3 });
  await settled();
  expect(await at(ada.name)()).toMatchObject({ active: true });
  const page = async (query: string) => (await adminApi<AssignedPage>(booted, 'get', `/connections/${id}/assigned${query}`)).data;
  const first = await page('?pageSize=2');
  const second = await page(`?pageSize=2&cursor=${first.nextCursor}`);
  expect([...first.results, ...second.results].map(({ userName }) => userName)).toEqual([ada.name, bob.name, eve.name]);
  expect(second.nextCursor).toBeNull();
  expect((await assign([String(first.results[0]?.id), bob.id], '/remove')).data).toEqual({ changed: 2 });
  expect((await assign([ada.id, 999_999])).error.details.errors?.[0]).toMatchObject({ path: ['userIds', '1'], message: expect.stringContaining('999999') });
  await settled();
  expect([(await at(ada.name)())?.active, (await at(eve.name)())?.active]).toEqual([false, true]);
  expect((await adminApi<ScopeCount>(booted, 'post', `/connections/${id}/scope/count`, {})).data).toMatchObject({ matching: 1, complete: true });
  await users().remove({ id: eve.id });
  await settled();
  expect((await page('')).results).toEqual([]);
  await put({ scope: scopeOf([roleIs(editor)]) });
});

it('counts and tests a scope that is not saved', async () => {
  const ada = await add(editor, { confirmed: true });
  await settled();
  const total = await booted.strapi.db.query('plugin::users-permissions.user').count();
  const one = scopeOf([{ attribute: 'userName', operator: 'equals', value: ada.name.toUpperCase() }]);
  expect((await adminApi<ScopeCount>(booted, 'post', `/connections/${id}/scope/count`, { scope: one })).data).toEqual({ matching: 1, total, complete: true, looked: total });
  const test = (scope?: Scope) => adminApi<ScopeTest>(booted, 'post', `/connections/${id}/scope/test`, { userId: ada.id, ...(scope ? { scope } : {}) });
  expect((await test()).data).toMatchObject({ user: { userName: ada.name }, assigned: null, verdict: { holds: true, clauses: [{ holds: true }] } });
  const both = scopeOf([roleIs(editor), { match: 'any', clauses: [{ attribute: 'provider', operator: 'equals', value: 'auth0' }, { attribute: 'confirmed', operator: 'equals', value: false }] }]);
  expect((await test(both)).data.verdict).toMatchObject({ holds: false, clauses: [{ holds: true }, { holds: false, clauses: [{ holds: false }, { holds: false }] }] });
  expect((await adminApi(booted, 'post', `/connections/${id}/scope/test`, { userId: 999_999 })).error.details.errors?.[0]?.path).toEqual(['userId']);
});

it('hears of a changed sign-in provider and of a group that a provider fills', async () => {
  const idp = await createInbound(booted, { name: 'IdP', system: 'idp' });
  const group = await idp.scim('POST', '/Groups', { displayName: 'Staff' });
  await put({ scope: { assignment: 'everyone', match: 'any', clauses: [{ attribute: 'provider', operator: 'equals', value: 'auth0' }, { attribute: 'group', operator: 'member-of', value: [group.body.id] }] } });
  const ada = await add(author);
  await users().edit(ada.id, { provider: 'auth0' });
  await eventually(at(ada.name), (user) => user?.active === true);
  const bob = await idp.scim('POST', '/Users', { userName: 'bob-of-staff' });
  await settled();
  expect(await at('bob-of-staff')()).toBeUndefined();
  await idp.scim('PATCH', `/Groups/${group.body.id}`, { Operations: [{ op: 'add', path: 'members', value: [{ value: bob.body.id }] }] });
  await eventually(at('bob-of-staff'), (user) => user?.active === true);
  // The groups go with their connection.
  await adminApi(booted, 'delete', `/connections/${idp.connection.id}`);
  await eventually(at('bob-of-staff'), (user) => user?.active === false);
});

it.each<[string, unknown, string]>([
  ['an attribute that is none', { scope: scopeOf([{ attribute: 'shoeSize', operator: 'present' }]) }, 'outbound.scope.clauses.0.attribute'],
  ['a role that is not there', { scope: scopeOf([roleIs(999_999)]) }, 'outbound.scope.clauses'],
  ['an operator that is none', { scope: scopeOf([{ attribute: 'userName', operator: 'like' as 'equals', value: 'x' }]) }, 'outbound.scope.clauses.0.operator'],
  ['a nested mistake', { scope: scopeOf([{ match: 'any', clauses: [{ attribute: 'userName', operator: 'equals' }] }]) }, 'outbound.scope.clauses.0.clauses.0.value'],
  ['a word too many', { scope: { ...scopeOf([]), extra: 1 } }, 'outbound.scope'],
  ['too many days', { leaving: { blocked: { action: 'disable', graceDays: 366 } } }, 'outbound.leaving.blocked.graceDays'],
  ['an action that is none', { leaving: { deleted: { action: 'explode', graceDays: 0 } } }, 'outbound.leaving.deleted.action'],
  ['a switch that is none', { switches: { read: false } }, 'outbound.switches'],
])('refuses %s with its place, and changes nothing', async (_what, outbound, path) => {
  const before = (await info()).outbound;
  const answer = await adminApi(booted, 'put', `/connections/${id}`, { outbound });
  expect(answer.status).toBe(400);
  expect(answer.error.details.errors?.[0]?.path.join('.')).toBe(path);
  expect((await info()).outbound).toEqual(before);
});

it('belongs to outbound connections only', async () => {
  const idp = await createInbound(booted, { name: 'Another IdP' });
  expect((await adminApi(booted, 'put', `/connections/${idp.connection.id}`, { outbound: { switches: { create: false } } })).error.details.errors?.[0]?.path).toEqual(['outbound']);
  expect((await adminApi(booted, 'post', `/connections/${idp.connection.id}/scope/count`, {})).status).toBe(400);
});
