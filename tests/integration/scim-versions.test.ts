import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { createInbound, type Inbound, type ScimBody } from '../helpers/connections';
import { eventually } from '../helpers/wait';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let booted: BootedStrapi;
let idp: Inbound;

beforeAll(async () => {
  booted = await bootStrapi();
  idp = await createInbound(booted);
});
afterAll(() => booted.stop());

const create = async (path: string, body: object): Promise<string> => (await idp.scim('POST', path, body)).body.id;
const versionOf = (body: ScimBody): string => (body.meta as { version: string }).version;
const read = async (id: string): Promise<string> => versionOf((await idp.scim('GET', `/Users/${id}`)).body);
const rename = (id: string, displayName: string, version: string) =>
  idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'displayName', value: displayName }] }, { 'If-Match': version });

describe('the version of a user (RFC 7644 section 3.14)', () => {
  it('guards every write: the last one known, or 412 and nothing changed', async () => {
    const id = await create('/Users', { userName: 'guarded', displayName: 'One' });
    const first = await read(id);
    expect((await rename(id, 'Two', first)).status).toBe(200);
    const late = await rename(id, 'Three', first);
    expect(late.status).toBe(412);
    expect((await idp.scim('PUT', `/Users/${id}`, { userName: 'guarded' }, { 'If-Match': first })).status).toBe(412);
    expect((await idp.scim('DELETE', `/Users/${id}`, undefined, { 'If-Match': first })).status).toBe(412);
    expect((await idp.scim('GET', `/Users/${id}`)).body.displayName).toBe('Two');
    expect((await idp.scim('DELETE', `/Users/${id}`, undefined, { 'If-Match': await read(id) })).status).toBe(204);
  });

  it('changes with everything that is shown: groups, their names, the name of the manager', async () => {
    const boss = await create('/Users', { userName: 'boss', displayName: 'Boss One' });
    const id = await create('/Users', { userName: 'report', [ENTERPRISE]: { manager: { value: boss } } });
    const seen = [await read(id)];
    const group = await create('/Groups', { displayName: 'Red', members: [{ value: id }] });
    seen.push(await read(id));
    await idp.scim('PATCH', `/Groups/${group}`, { Operations: [{ op: 'replace', path: 'displayName', value: 'Blue' }] });
    seen.push(await read(id));
    await rename(boss, 'Boss Two', '*');
    seen.push(await read(id));
    await idp.scim('DELETE', `/Users/${boss}`);
    seen.push(await read(id));
    expect(new Set(seen).size).toBe(seen.length);
    for (const version of seen) {
      const { status } = await idp.scim('GET', `/Users/${id}`, undefined, { 'If-None-Match': version });
      expect(status).toBe(version === seen.at(-1) ? 304 : 200);
    }
    expect((await rename(id, 'Reported', seen.at(-1) ?? '')).status).toBe(200);
  });
});

describe('visibility', () => {
  it('of what was provisioned only hides everybody else, also from writes', async () => {
    const shy = await createInbound(booted, { name: 'Shy IdP', policies: { visibility: 'provisioned' } });
    const id = await create('/Users', { userName: 'seen-by-all', emails: [{ value: 'seen@example.com' }] });
    expect((await shy.scim('GET', `/Users/${id}`)).status).toBe(404);
    expect((await shy.scim('GET', `/Users?filter=${encodeURIComponent('userName eq "seen-by-all"')}`)).body.totalResults).toBe(0);
    expect((await shy.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'title', value: 'x' }] })).status).toBe(404);
    expect((await shy.scim('DELETE', `/Users/${id}`)).status).toBe(404);
    const own = (await shy.scim('POST', '/Users', { userName: 'own' })).body.id;
    expect((await shy.scim('GET', '/Users')).body).toMatchObject({ totalResults: 1, Resources: [{ id: own }] });
  });

  it('of what was provisioned only: a POST takes over whom nobody provisioned, where the join rules say so', async () => {
    await booted.strapi.db.query('plugin::users-permissions.user').create({ data: { username: 'long-there', email: 'long@example.com', provider: 'local' } });
    const shy = await createInbound(booted, { name: 'Joining IdP', policies: { visibility: 'provisioned' } });
    const taken = await shy.scim('POST', '/Users', { userName: 'Long-there', title: 'Engineer' });
    expect(taken).toMatchObject({ status: 201, body: { title: 'Engineer', emails: [{ value: 'long@example.com' }] } });
    expect((await shy.scim('POST', '/Users', { userName: 'long-there' })).status).toBe(409);
    const never = await createInbound(booted, { name: 'Careful IdP', policies: { visibility: 'provisioned', joinBy: [] } });
    expect((await never.scim('POST', '/Users', { userName: 'long-there' })).status).toBe(409);
  });

  it('of an account without a link ends at what matching needs', async () => {
    const id = await create('/Users', { userName: 'half-seen', title: 'Engineer', emails: [{ value: 'half@example.com' }] });
    const other = await createInbound(booted, { name: 'Other IdP' });
    const { body } = await other.scim('GET', `/Users/${id}`);
    expect(Object.keys(body).sort()).toEqual(['active', 'emails', 'id', 'meta', 'schemas', 'userName']);
    expect((await other.scim('GET', `/Users?filter=${encodeURIComponent('title eq "Engineer"')}`)).body.totalResults).toBe(0);
  });
});

it('lastModified of what was never changed is created (RFC 7643 section 3.1), also of an account that Strapi made', async () => {
  const timesOf = async (id: string) => (await idp.scim('GET', `/Users/${id}`)).body.meta as { created: string; lastModified: string };
  const id = await create('/Users', { userName: 'untouched', active: false, roles: [{ value: 'Nobody' }] });
  const made = await timesOf(id);
  expect(made.lastModified).toBe(made.created);
  expect((await rename(id, 'Touched', '*')).status).toBe(200);
  const changed = await timesOf(id);
  expect(changed.created).toBe(made.created);
  expect(changed.lastModified > made.lastModified).toBe(true);

  const account = await booted.strapi.plugin('users-permissions').service('user').add({ username: 'by-strapi', email: 'by-strapi@example.com', provider: 'local' });
  const listed = await eventually(() => idp.scim('GET', `/Users?filter=${encodeURIComponent('userName eq "by-strapi"')}`), ({ body }) => body.totalResults === 1);
  const meta = listed.body.Resources?.[0]?.meta as { created: string; lastModified: string };
  expect(meta).toMatchObject({ created: new Date(account.createdAt).toISOString(), lastModified: meta.created });
  const admins = await createInbound(booted, { name: 'Admins', population: 'admin-users' });
  const eda = (await admins.scim('POST', '/Users', { userName: 'eda@example.com', name: { givenName: 'Eda', familyName: 'E' } })).body.meta as { created: string; lastModified: string };
  expect(eda.lastModified).toBe(eda.created);
});

it('an address made of the userName follows it, and frees the old one', async () => {
  const id = await create('/Users', { userName: 'jd@example.com' });
  await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'userName', value: 'js@example.com' }] });
  expect((await idp.scim('GET', `/Users/${id}`)).body.emails).toMatchObject([{ value: 'js@example.com' }]);
  expect((await idp.scim('POST', '/Users', { userName: 'jd@example.com' })).status).toBe(201);
});

it('adding who is there already changes nothing of a group, also not its version', async () => {
  const user = await create('/Users', { userName: 'member' });
  const group = await create('/Groups', { displayName: 'Still', members: [{ value: user }] });
  const before = versionOf((await idp.scim('GET', `/Groups/${group}`)).body);
  await idp.scim('PATCH', `/Groups/${group}`, { Operations: [{ op: 'add', path: 'members', value: [{ value: user }] }] });
  expect(versionOf((await idp.scim('GET', `/Groups/${group}`)).body)).toBe(before);
});
