/** Mapping rules through the admin API, to a real SCIM application. */
import type { ConnectionInfo } from '../../server/src/contracts/connection';
import type { MappingImpact, MappingInfo, MappingPreview, MappingRule, MappingRuleInput } from '../../server/src/contracts/mapping';
import { adminApi, createConnection, createInbound, idle, operations } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp, type TargetUser } from '../helpers/target-app';
import { eventually } from '../helpers/wait';

const BASE: MappingRuleInput[] = ['userName', 'externalId', 'active'].map((path) => ({ target: path, source: { kind: 'direct', path } }));
const expression = (target: string, text: string, fields: Partial<MappingRule> = {}): MappingRuleInput => ({ target, source: { kind: 'expression', expression: text }, ...fields });

let booted: BootedStrapi;
let target: TargetApp;
let outbound: ConnectionInfo;

beforeAll(async () => {
  booted = await bootStrapi();
  target = await startTargetApp();
  const input = { name: 'The application', direction: 'outbound', population: 'end-users', baseUrl: target.baseUrl, bearerToken: target.token } as const;
  outbound = (await createConnection(booted, input)).connection;
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

const users = () => booted.strapi.plugin('users-permissions').service('user');
const add = (username: string): Promise<{ id: number }> => users().add({ username, email: `${username}@example.com`, provider: 'local' });
const named = (name: string) => async (): Promise<TargetUser | undefined> => (await target.users()).find((user) => user.userName === name);
const api = <T>(method: 'get' | 'post' | 'put', path: string, body?: unknown) => adminApi<T>(booted, method, `/connections/${outbound.id}${path}`, body);
const publish = (rules: MappingRuleInput[] | null, more: object = {}) => api<MappingInfo>('put', '/mapping', { rules, ...more });
const settled = () => idle(booted, outbound.id);

it('begins with the rules of the preset', async () => {
  const { data } = await api<MappingInfo>('get', '/mapping');
  expect(data).toMatchObject({ version: 0, isPreset: true, versions: [] });
  expect(data.rules).toEqual(data.preset);
  await add('ada');
  await eventually(named('ada'), (user) => user !== undefined);
  await settled();
});

it('shows what rules would do to a user and to all, before they hold', async () => {
  const rules = [...BASE, expression('displayName', 'title(user.userName)'), expression('title', 'user.userName +'), expression('nickName', 'nobody')];
  const { data: preview } = await api<MappingPreview>('post', '/mapping/preview', { userId: 1, rules });
  expect(preview).toMatchObject({ userName: 'ada', linked: true, after: null });
  expect(preview.rules.slice(3)).toEqual([
    { target: 'displayName', outcome: 'value', value: 'Ada' },
    { target: 'title', outcome: 'error', message: expect.stringMatching(/\S/), line: 1, column: 16 },
    { target: 'nickName', outcome: 'error', message: expect.stringContaining('Unknown variable: nobody'), line: 1, column: 1 },
  ]);
  const usable = rules.slice(0, 4);
  const one = (await api<MappingPreview>('post', '/mapping/preview', { userId: preview.userId, rules: usable })).data;
  expect(one.changes).toEqual([{ path: 'displayName', before: null, after: 'Ada' }]);
  const { data: impact } = await api<MappingImpact>('post', '/mapping/impact', { rules: usable });
  expect(impact).toMatchObject({ examined: 1, changed: 1, unchanged: 0, failed: 0, complete: true, attributes: [{ path: 'displayName', users: 1 }] });
  expect((await api('post', '/mapping/preview', { userId: 4711 })).status).toBe(404);
  expect((await named('ada')())?.displayName).toBeUndefined();
});

it('publishes a version, brings everybody up to date and leaves alone what no rule manages any more', async () => {
  const before = await named('ada')();
  expect(before?.emails).toHaveLength(1);
  const { status, data } = await publish([...BASE, expression('displayName', 'title(user.userName)'), expression('userType', '"Member"', { when: 'on-create' })]);
  expect(status).toBe(200);
  expect(data).toMatchObject({ version: 1, isPreset: false, versions: [{ version: 1, publishedBy: expect.stringContaining('@') }] });
  expect(data.rules[0]).toEqual({ target: 'userName', source: { kind: 'direct', path: 'userName' }, when: 'always', emptyPolicy: 'clear' });
  const ada = await eventually(named('ada'), (user) => user?.displayName === 'Ada');
  expect(ada?.emails).toEqual(before?.emails);
  expect(ada).not.toHaveProperty('userType');
  await add('bob');
  expect(await eventually(named('bob'), (user) => user !== undefined)).toMatchObject({ displayName: 'Bob', userType: 'Member' });
  await settled();
});

it('writes of a list only its own element', async () => {
  const ada = await named('ada')();
  await target.request('PATCH', `/Users/${ada?.id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'add', path: 'phoneNumbers', value: [{ value: '1', type: 'home' }] }],
  });
  await publish([...BASE, expression('phoneNumbers[type eq "work"].value', '"+49 " + user.userName')]);
  const changed = await eventually(named('ada'), (user) => JSON.stringify(user?.phoneNumbers).includes('+49'));
  expect(changed?.phoneNumbers).toEqual([expect.objectContaining({ value: '1', type: 'home' }), expect.objectContaining({ value: '+49 ada', type: 'work' })]);
  await settled();
  const count = (await operations(booted)).length;
  await api('post', '/provision-all');
  await settled();
  expect((await operations(booted)).length).toBe(count);
});

it('refuses what cannot be used: which rule, where, and why; and changes nothing', async () => {
  const before = (await api<MappingInfo>('get', '/mapping')).data;
  const refused = await publish([...BASE, expression('title', 'lower(user.title,\n 1)'), expression('Title', '"x"')]);
  expect(refused.status).toBe(400);
  expect(refused.error.details.errors).toEqual([
    { path: ['rules', '3', 'source', 'expression'], message: expect.stringContaining('arguments'), name: 'ValidationError', line: 1, column: 1 },
    { path: ['rules', '4', 'target'], message: 'Written title.', name: 'ValidationError' },
  ]);
  for (const body of [{}, { rules: 'x' }, { rules: [{ target: 'title' }] }, { rules: BASE, restoreVersion: 1 }, { restoreVersion: 99 }, { rules: [] }]) {
    expect((await api('put', '/mapping', body)).status).toBe(400);
  }
  expect((await publish(BASE, { baseVersion: 0 })).error.message).toContain('Version 2 was published meanwhile');
  expect((await api<MappingInfo>('get', '/mapping')).data).toEqual(before);
});

it('takes a version back, and the preset too', async () => {
  const { data } = await api<MappingInfo>('put', '/mapping', { restoreVersion: 1, baseVersion: 2 });
  expect(data.version).toBe(3);
  expect(data.rules).toEqual(data.versions.find(({ version }) => version === 1)?.rules);
  await users().edit(1, { email: 'ada@elsewhere.example' });
  const preset = (await publish(null)).data;
  expect(preset).toMatchObject({ version: 4, isPreset: true });
  expect(preset.versions.map(({ version, rules }) => [version, rules === null])).toEqual([[4, true], [3, false], [2, false], [1, false]]);
  await settled();
  // A list that is managed again is written, not added to.
  expect((await named('ada')())?.emails).toEqual([expect.objectContaining({ value: 'ada@elsewhere.example' })]);
});

it('a rule that fails concerns that person only, is named in the log, and is tried again after the next publication', async () => {
  await publish([...BASE, expression('nickName', 'user.userName == "carl" ? string(1 / 0) : "x"')]);
  await add('carl');
  await add('dora');
  await eventually(named('dora'), (user) => user?.nickName === 'x');
  const [failed] = await eventually(() => operations(booted, '&search=carl'), (rows) => rows.length > 0);
  expect(failed).toMatchObject({ outcome: 'failed', errorCode: 'mapping-failed', message: expect.stringContaining('nickName') });
  await publish(BASE);
  await eventually(named('carl'), (user) => user !== undefined);
});

it('finds a name that is free at the application', async () => {
  await target.request('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'erik' });
  const [, ...rest] = BASE;
  await publish([...rest, expression('userName', 'uniqueValue(numbered(lower(user.userName), 5))')]);
  await add('erik');
  expect(await eventually(named('erik2'), (user) => user !== undefined)).toMatchObject({ externalId: expect.any(String) });
});

it('inbound connections have none, and strangers see none', async () => {
  const inbound = await createInbound(booted);
  expect((await adminApi(booted, 'get', `/connections/${inbound.connection.id}/mapping`)).status).toBe(400);
  expect((await booted.http.get(`/user-provisioning/connections/${outbound.id}/mapping`)).status).toBe(401);
});
