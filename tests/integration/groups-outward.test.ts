/** Roles of Strapi and groups of an identity provider as groups of a real SCIM application. */
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createConnection, createInbound, operations } from '../helpers/connections';
import { startTargetApp, type TargetApp } from '../helpers/target-app';
import { eventually } from '../helpers/wait';
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import type { PlanItemPage, RunInfo, RunState } from '../../server/src/contracts/run';
import type { OutboundPoliciesInput } from '../../server/src/contracts/scope';
import { TABLES } from '../../server/src/models';

const ROLE = 'plugin::users-permissions.role';

let booted: BootedStrapi;
let target: TargetApp;
let id: number;
let editor: number;
let author: number;
let count = 0;

beforeAll(async () => {
  booted = await bootStrapi();
  target = await startTargetApp();
  [editor, author] = [await role('Editor'), await role('Author')];
  const input = { scope: { assignment: 'everyone', match: 'any', clauses: [editor, author].map((value) => ({ attribute: 'role', operator: 'equals', value })) }, groups: { source: 'roles', only: [editor, author].map((one) => `role:${one}`) } } as const;
  id = (await createConnection(booted, { name: 'The application', direction: 'outbound', population: 'end-users', system: 'app', baseUrl: target.baseUrl, bearerToken: target.token, outbound: structuredClone(input) as never })).connection.id;
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

const role = async (name: string): Promise<number> => (await booted.strapi.db.query(ROLE).create({ data: { name, type: name.toLowerCase(), description: '' } })).id;
const users = () => booted.strapi.plugin('users-permissions').service('user');
const add = async (roleId: number): Promise<{ id: number; name: string }> => {
  const name = `person-${(count += 1)}`;
  return { id: (await users().add({ username: name, email: `${name}@example.com`, provider: 'local', role: roleId })).id, name };
};
/** Names of groups at the application with the names of their members. */
const groups = async (): Promise<Record<string, string[]>> => {
  const names = new Map((await target.users()).map((user) => [user.id, user.userName]));
  const { body } = await target.request('GET', '/Groups?count=100');
  return Object.fromEntries((body.Resources ?? []).map((group) => [String(group.displayName), ((group.members ?? []) as { value: string }[]).map(({ value }) => names.get(value) ?? `${value}?`).sort()]));
};
const info = async (): Promise<ConnectionInfo> => (await adminApi<ConnectionInfo>(booted, 'get', `/connections/${id}`)).data;
const settled = () =>
  eventually(
    async () =>
      [
        (await info()).delivery?.pending,
        await booted.strapi.db.connection(TABLES.connections).where('requeue_after', '>=', 0).select('id'),
        await booted.strapi.db.connection(TABLES.runs).whereNotNull('active_key').select('id'),
      ] as const,
    ([pending, requeued, active]) => pending === 0 && requeued.length === 0 && active.length === 0
  );
const runEnded = async (runId: number, ...states: RunState[]): Promise<RunInfo> => eventually(async () => (await adminApi<RunInfo>(booted, 'get', `/runs/${runId}`)).data, (run) => states.includes(run.state));
const put = async (outbound: OutboundPoliciesInput) => {
  const answer = await adminApi<ConnectionInfo>(booted, 'put', `/connections/${id}`, { outbound });
  await settled();
  return answer;
};

it('giving a role creates the account and the membership, taking it away revokes both', async () => {
  const [ada, bob] = [await add(editor), await add(author)];
  await eventually(groups, (found) => found.Editor?.includes(ada.name) === true && found.Author?.includes(bob.name) === true);
  // Out of the connection's roles: disabled, and out of the group.
  const other = await role('Other');
  await users().edit(ada.id, { role: other });
  await eventually(groups, (found) => found.Editor?.length === 0);
  await settled();
  expect((await target.users()).find((user) => user.userName === ada.name)?.active).toBe(false);
  await users().edit(ada.id, { role: author });
  await eventually(groups, (found) => found.Author?.length === 2);
  await settled();
  expect([await groups(), (await target.users()).find((user) => user.userName === ada.name)?.active]).toEqual([{ Editor: [], Author: [ada.name, bob.name].sort() }, true]);
  await users().remove({ id: ada.id });
  await eventually(groups, (found) => found.Author?.length === 1);
});

it('a plan shows what happens to groups, does exactly that, and takes it back', async () => {
  const bob = await add(editor);
  await eventually(groups, (found) => found.Editor?.includes(bob.name) === true);
  await settled();
  const before = await groups();
  // Behind everybody's back.
  const knex = booted.strapi.db.connection;
  await knex('up_users_role_lnk').where({ user_id: bob.id }).update({ role_id: author });
  await knex('up_roles').where({ id: editor }).update({ name: 'Redaktion' });
  const start = async (body: object): Promise<number> => (await adminApi<RunInfo>(booted, 'post', `/connections/${id}/runs`, body)).data.id;
  const plan = await runEnded(await start({ dryRun: true }), 'waiting');
  expect(plan.counts.groups).toMatchObject({ planned: { update: 2 }, membersAdded: 1, membersRemoved: 1 });
  const items = (await adminApi<PlanItemPage>(booted, 'get', `/runs/${plan.id}/items?kind=update`)).data.results;
  expect(items.filter(({ objectType }) => objectType === 'Group').map(({ objectName, members }) => [objectName, members])).toEqual([
    ['Redaktion', { added: 0, removed: 1, addedSample: [], removedSample: [bob.name] }],
    ['Author', { added: 1, removed: 0, addedSample: [bob.name], removedSample: [] }],
  ]);
  expect(await groups()).toEqual(before);
  await adminApi(booted, 'post', `/runs/${plan.id}/approve`);
  expect((await runEnded(plan.id, 'done')).items).toMatchObject({ done: 3, stale: 0, failed: 0 });
  const after = await groups();
  expect([after.Redaktion, after.Author?.includes(bob.name), after.Editor]).toEqual([before.Editor?.filter((name) => name !== bob.name), true, undefined]);
  const undo = await runEnded((await adminApi<RunInfo>(booted, 'post', `/runs/${plan.id}/undo`)).data.id, 'waiting');
  expect(undo.counts.groups).toMatchObject({ planned: { update: 2 }, membersAdded: 1, membersRemoved: 1 });
  await adminApi(booted, 'post', `/runs/${undo.id}/approve`);
  expect((await runEnded(undo.id, 'done')).items).toMatchObject({ done: 2, stale: 0, failed: 0 });
  expect(await groups()).toEqual(before);
  await knex('up_users_role_lnk').where({ user_id: bob.id }).update({ role_id: editor });
  await knex('up_roles').where({ id: editor }).update({ name: 'Editor' });
  await runEnded(await start({}), 'done');
});

it('only the changed member is sent, and nothing where nothing changed', async () => {
  const ada = await add(author);
  await eventually(groups, (found) => found.Author?.includes(ada.name) === true);
  await settled();
  const [row] = (await operations(booted, '&search=Author')).filter((one) => one.objectType === 'Group');
  expect(row).toMatchObject({ operation: 'update', outcome: 'success', message: 'Added 1 member.' });
  const detail = await adminApi<{ http: { method: string; requestBody: { Operations: { value: unknown[] }[] } } }>(booted, 'get', `/operations/${row?.id}`);
  expect(detail.data.http.method).toBe('PATCH');
  expect(detail.data.http.requestBody.Operations).toEqual([{ op: 'add', path: 'members', value: [{ value: expect.any(String) }] }]);
  const before = (await operations(booted)).length;
  await adminApi(booted, 'post', `/connections/${id}/provision-all`);
  await settled();
  expect((await operations(booted)).length).toBe(before);
});

it('a role that is renamed or deleted is renamed and deleted there; the sweep sees what happened past Strapi', async () => {
  const more = await role('More');
  await put({ groups: { only: null } });
  expect(Object.keys(await groups())).toEqual(expect.arrayContaining(['Editor', 'Author', 'More', 'Authenticated']));
  expect(Object.keys(await groups())).not.toContain('Public');
  await booted.strapi.db.query(ROLE).update({ where: { id: more }, data: { name: 'Most' } });
  await eventually(groups, (found) => 'Most' in found && !('More' in found));
  await booted.strapi.db.query(ROLE).delete({ where: { id: more } });
  await eventually(groups, (found) => !('Most' in found));
  await booted.strapi.db.connection('up_roles').where({ id: editor }).update({ name: 'Redaktion' });
  await booted.stop({ keepDatabase: true });
  booted = await bootStrapi({ database: booted.database });
  await eventually(groups, (found) => 'Redaktion' in found && !('Editor' in found));
});

it('groups of an identity provider are passed on, but not to its own system', async () => {
  await put({ scope: { assignment: 'everyone', match: 'all', clauses: [] }, groups: { source: 'groups', only: null } });
  const idp = await createInbound(booted, { name: 'IdP', system: 'idp' });
  const own = await createInbound(booted, { name: 'App as IdP', system: 'app' });
  const cy = await idp.scim('POST', '/Users', { userName: 'cyd', emails: [{ value: 'cyd@example.com' }] });
  const staff = await idp.scim('POST', '/Groups', { displayName: 'Staff', members: [{ value: cy.body.id }] });
  await own.scim('POST', '/Groups', { displayName: 'Own', members: [{ value: cy.body.id }] });
  await eventually(groups, (found) => found.Staff?.[0] === 'cyd');
  await idp.scim('PATCH', `/Groups/${staff.body.id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'replace', path: 'displayName', value: 'Crew' }, { op: 'remove', path: `members[value eq "${cy.body.id}"]` }] });
  await eventually(groups, (found) => found.Crew?.length === 0);
  await idp.scim('DELETE', `/Groups/${staff.body.id}`);
  await eventually(groups, (found) => !('Crew' in found));
  await settled();
  expect(Object.keys(await groups())).not.toContain('Own');
  // Roles are not chosen any more: left as they are.
  expect(Object.keys(await groups())).toContain('Author');
});

it('another address is another application: groups and members are sent there anew', async () => {
  const second = await startTargetApp();
  const first = target;
  await put({ groups: { source: 'roles', only: [`role:${author}`] } });
  const before = (await groups()).Author;
  expect(before?.length).toBeGreaterThan(0);
  target = second;
  await adminApi(booted, 'put', `/connections/${id}`, { baseUrl: second.baseUrl, bearerToken: second.token });
  await settled();
  expect(await groups()).toEqual({ Author: before });
  await first.stop();
});

it('refuses what is no role or group', async () => {
  const wrong = await adminApi(booted, 'put', `/connections/${id}`, { outbound: { groups: { only: ['role:999999'] } } });
  expect([wrong.status, wrong.error.message]).toEqual([400, 'There is no role or group role:999999 in this population (any more).']);
  const source = await adminApi(booted, 'put', `/connections/${id}`, { outbound: { groups: { source: 'everything' } } });
  expect([source.status, source.error.message]).toEqual([400, 'Choose one of: none, roles, groups, roles-and-groups.']);
});

it('nothing of it is left with the connection', async () => {
  await adminApi(booted, 'delete', `/connections/${id}`);
  expect(await booted.strapi.db.connection(TABLES.pushedMembers).where({ connection_id: id })).toEqual([]);
});
