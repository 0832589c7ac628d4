import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { createInbound, operationDetail, operations, type Inbound } from '../helpers/connections';

let booted: BootedStrapi;
let idp: Inbound;

beforeAll(async () => {
  booted = await bootStrapi();
  idp = await createInbound(booted);
});
afterAll(() => booted.stop());

const UID = 'plugin::users-permissions.user';
const account = (username: string) => booted.strapi.db.query(UID).findOne({ where: { username }, populate: ['role'] });
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

describe('POST /Users', () => {
  it('creates an end user with the default role, and reads back what was written', async () => {
    const sent = {
      schemas: [USER, ENTERPRISE],
      userName: 'Ada.Lovelace@example.com',
      externalId: 'ext-ada',
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      emails: [{ value: 'Ada@example.com', type: 'work', primary: true }, { value: 'ada@home.example', type: 'home' }],
      active: true,
      [ENTERPRISE]: { department: 'Engines', manager: { value: 'boss' } },
    };
    const created = await idp.scim('POST', '/Users', sent);
    expect(created.status).toBe(201);
    expect(created.headers['content-type']).toMatch(/^application\/scim\+json/);
    expect(created.body).toMatchObject({ userName: sent.userName, externalId: 'ext-ada', name: sent.name, active: true });
    expect(created.headers.location).toContain(`${idp.root}/Users/${created.body.id}`);
    const read = await idp.scim('GET', `/Users/${created.body.id}`);
    // The address is that of the request, and every request of this test comes to another port.
    expect({ ...read.body, meta: null }).toEqual({ ...created.body, meta: null });
    expect(read.body.emails).toEqual(sent.emails);
    expect(read.body[ENTERPRISE]).toMatchObject({ department: 'Engines' });
    expect(await account('Ada.Lovelace@example.com')).toMatchObject({
      email: 'ada@example.com', blocked: false, confirmed: true, password: null, role: { type: 'authenticated' },
    });
  });

  it('needs no more than a userName, and hides the placeholder address', async () => {
    const created = await idp.scim('POST', '/Users', { schemas: [USER], userName: 'only-a-name' });
    expect(created.status).toBe(201);
    expect(created.body.emails).toBeUndefined();
    expect((await account('only-a-name')).email).toMatch(/\.invalid$/);
  });

  it.each([
    ['the same userName in another case', { userName: 'ADA.lovelace@EXAMPLE.com' }],
    ['the same e-mail address', { userName: 'ada2', emails: [{ value: 'ADA@example.com' }] }],
    ['a userName that is another account’s address', { userName: 'ada@example.com' }],
    ['the same externalId', { userName: 'ada3', externalId: 'ext-ada' }],
  ])('answers 409 uniqueness to %s and changes nothing', async (_what, fields) => {
    const before = await booted.strapi.db.query(UID).count();
    const answer = await idp.scim('POST', '/Users', { schemas: [USER], ...fields });
    expect([answer.status, answer.body.scimType]).toEqual([409, 'uniqueness']);
    expect(await booted.strapi.db.query(UID).count()).toBe(before);
  });

  it('says which attribute Strapi refuses', async () => {
    const answer = await idp.scim('POST', '/Users', { schemas: [USER], userName: 'ab' });
    expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue']);
    expect(answer.body.detail).toMatch(/userName/);
  });

  it.each([
    ['userName', { userName: 'n'.repeat(256) }],
    ['emails', { userName: 'long-mail', emails: [{ value: `${'m'.repeat(250)}@example.com` }] }],
    ['externalId', { userName: 'long-external', externalId: 'e'.repeat(256) }],
  ])('refuses a longer %s than the database holds', async (attribute, fields) => {
    const answer = await idp.scim('POST', '/Users', { schemas: [USER], ...fields });
    expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue']);
    expect(answer.body.detail).toContain(attribute);
  });

  it('tells names apart that differ by an accent, and externalIds that differ by case', async () => {
    for (const fields of [{ userName: 'josé', externalId: 'Ext-J' }, { userName: 'jose', externalId: 'ext-j' }]) {
      expect((await idp.scim('POST', '/Users', { schemas: [USER], ...fields })).status).toBe(201);
    }
  });

  it('ten parallel requests for one name make one account', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => idp.scim('POST', '/Users', { schemas: [USER], userName: 'parallel' })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
    expect(await booted.strapi.db.query(UID).count({ where: { username: 'parallel' } })).toBe(1);
  });
});

describe('reading', () => {
  it.each([
    ['userName eq "ada.lovelace@example.com"', 1],
    ['externalId eq "ext-ada"', 1],
    ['externalId eq "EXT-ADA"', 0],
    ['emails.value eq "ada@example.com"', 1],
    ['emails[type eq "work"].value eq "ada@example.com"', 1],
    ['userName eq "nobody"', 0],
    ['name.familyName eq "lovelace"', 1],
    ['userName eq "ada.lovelace@example.com" and active eq false', 0],
  ])('finds by %s', async (filter, total) => {
    const answer = await idp.scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
    expect([answer.status, answer.body.totalResults]).toEqual([200, total]);
  });

  it('pages in a stable order', async () => {
    for (const n of [1, 2, 3]) await idp.scim('POST', '/Users', { schemas: [USER], userName: `page-${n}` });
    const all = await idp.scim('GET', '/Users?count=100');
    const paged: string[] = [];
    for (let start = 1; start <= Number(all.body.totalResults); start += 2) {
      const page = await idp.scim('GET', `/Users?startIndex=${start}&count=2`);
      paged.push(...(page.body.Resources ?? []).map((user) => user.id));
    }
    expect(paged).toEqual((all.body.Resources ?? []).map((user) => user.id));
    expect((await idp.scim('GET', '/Users?count=0')).body).toMatchObject({ totalResults: all.body.totalResults, Resources: [] });
  });

  it('shows an account that was there before, and lets the first write adopt it', async () => {
    await booted.strapi.plugin('users-permissions').service('user').add({ username: 'local-person', email: 'local@example.com', provider: 'local' });
    const found = await idp.scim('GET', `/Users?filter=${encodeURIComponent('userName eq "LOCAL-person"')}`);
    const user = found.body.Resources?.[0];
    expect(user).toMatchObject({ userName: 'local-person', active: true, emails: [{ value: 'local@example.com' }] });
    expect((await idp.scim('DELETE', `/Users/${user?.id}`)).status).toBe(403);
    const put = await idp.scim('PUT', `/Users/${user?.id}`, { schemas: [USER], userName: 'local-person', externalId: 'ext-local' });
    expect(put.status).toBe(200);
    // The address was never this provider's to clear.
    expect((await account('local-person')).email).toBe('local@example.com');
  });
});

describe('changing', () => {
  const create = async (userName: string, more: object = {}) =>
    (await idp.scim('POST', '/Users', { schemas: [USER], userName, ...more })).body;

  it('PUT without active does not suspend, with active false it does', async () => {
    const user = await create('put-user', { active: true, displayName: 'Before' });
    await idp.scim('PUT', `/Users/${user.id}`, { schemas: [USER], userName: 'put-user' });
    expect(await account('put-user')).toMatchObject({ blocked: false });
    const read = await idp.scim('GET', `/Users/${user.id}`);
    expect(read.body.displayName).toBeUndefined();
    await idp.scim('PUT', `/Users/${user.id}`, { schemas: [USER], userName: 'put-user', active: false });
    expect(await account('put-user')).toMatchObject({ blocked: true });
    expect((await idp.scim('GET', `/Users/${user.id}`)).body.active).toBe(false);
  });

  it('PATCH in the words of Entra ID deactivates and renames', async () => {
    const user = await create('patch-user');
    const patched = await idp.scim('PATCH', `/Users/${user.id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [
        { op: 'Replace', path: 'active', value: 'False' },
        { op: 'Add', path: 'name.givenName', value: 'Pat' },
        { op: 'Replace', path: 'userName', value: 'patched-user' },
      ],
    });
    expect([patched.status, patched.body.active, patched.body.userName]).toEqual([200, false, 'patched-user']);
    expect(await account('patched-user')).toMatchObject({ blocked: true });
  });

  it('PATCH of the id to what it is changes nothing, to another is refused', async () => {
    const { body: user } = await idp.scim('POST', '/Users', { userName: 'same-id@example.com' });
    const patch = (value: string) => idp.scim('PATCH', `/Users/${user.id}`, { Operations: [{ op: 'replace', path: 'id', value }, { op: 'replace', path: 'title', value: 'Dr' }] });
    expect((await patch(user.id)).body).toMatchObject({ id: user.id, title: 'Dr' });
    expect(await patch('another')).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
  });

  it('a failed PATCH changes nothing', async () => {
    const user = await create('atomic-user');
    const answer = await idp.scim('PATCH', `/Users/${user.id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'userName', value: 'atomic-2' }, { op: 'remove', path: 'userName' }],
    });
    expect(answer.status).toBe(400);
    expect((await idp.scim('GET', `/Users/${user.id}`)).body.userName).toBe('atomic-user');
  });

  it('DELETE removes the account, frees the name and retires the id', async () => {
    const user = await create('gone-user', { externalId: 'ext-gone' });
    expect((await idp.scim('DELETE', `/Users/${user.id}`)).status).toBe(204);
    expect(await account('gone-user')).toBeNull();
    expect((await idp.scim('GET', `/Users/${user.id}`)).status).toBe(404);
    expect((await idp.scim('DELETE', `/Users/${user.id}`)).status).toBe(404);
    const again = await create('gone-user', { externalId: 'ext-gone' });
    expect(again.id).toBeDefined();
    expect(again.id).not.toBe(user.id);
  });

  it('a user of another connection is read without its externalId, and not written', async () => {
    const user = await create('mine-user', { externalId: 'ext-mine', title: 'Secretary' });
    const other = await createInbound(booted, { name: 'Other IdP', system: 'other' });
    const read = await other.scim('GET', `/Users/${user.id}`);
    expect(read.body).toMatchObject({ userName: 'mine-user' });
    expect(read.body.externalId).toBeUndefined();
    expect(read.body.title).toBeUndefined();
    expect((await other.scim('PUT', `/Users/${user.id}`, { schemas: [USER], userName: 'mine-user', active: false })).status).toBe(403);
  });
});

describe('the log', () => {
  it('tells each write with steps and changes, refusals with the reason, and no secret', async () => {
    const made = await idp.scim('POST', '/Users', { schemas: [USER], userName: 'log-user', password: 'S3cret-Passw0rd' });
    await idp.scim('PATCH', `/Users/${made.body.id}`, { Operations: [{ op: 'replace', value: { active: false } }] });
    await idp.scim('POST', '/Users', { schemas: [USER], userName: 'LOG-user' });
    await idp.scim('POST', '/Users', { schemas: [USER], userName: 'log-user-2', active: { not: 'a boolean' }, password: 'S3cret-Passw0rd' });
    const unreadable = await operations(booted, '&search=log-user-2');
    expect(unreadable.map((row) => [row.operation, row.outcome, row.errorCode])).toEqual([['create', 'refused', 'invalid-value']]);
    const rows = (await operations(booted, '&search=log-user')).filter((row) => row.objectName !== 'log-user-2');
    expect(rows.map((row) => [row.operation, row.outcome, row.errorCode])).toEqual([
      ['create', 'refused', 'uniqueness'],
      ['deactivate', 'success', null],
      ['create', 'success', null],
    ]);
    const detail = await operationDetail(booted, rows[1]?.id ?? 0);
    expect(detail.steps.map((step) => step.name)).toEqual(['read', 'scope', 'join', 'map', 'diff', 'guard', 'apply']);
    expect(detail.changes).toEqual([{ path: 'active', before: true, after: false }]);
    const creation = await operationDetail(booted, rows[2]?.id ?? 0);
    expect(creation.steps[0]?.message).toContain('Not taken: password');
    const refusal = await operationDetail(booted, rows[0]?.id ?? 0);
    expect(refusal.advice?.code).toBe('uniqueness');
    const everything = JSON.stringify(await booted.strapi.db.connection('provisioning_operations').select());
    expect(everything).not.toContain('S3cret');
    expect(everything).not.toContain(idp.token);
  });
});

describe('a value that is taken', () => {
  const refusal = async (client: Inbound, path: string, body: object, method = 'POST'): Promise<string> => {
    const { status, body: answer } = await client.scim(method, path, body);
    expect([status, answer.scimType]).toEqual([409, 'uniqueness']);
    return answer.detail ?? '';
  };

  it('is told with its attribute and the id of who has it', async () => {
    const client = await createInbound(booted, { name: 'Finder', policies: { uniqueGroupNames: true } });
    const { id } = (await client.scim('POST', '/Users', { userName: 'holder', externalId: 'ext-1', emails: [{ value: 'holder@taken.example' }] })).body;
    const other = (await client.scim('POST', '/Users', { userName: 'other' })).body.id;
    const who = `The id of that user is ${id}.`;
    expect(await refusal(client, '/Users', { userName: 'new', externalId: 'ext-1' })).toBe(`Another user of this connection already has this externalId. ${who}`);
    expect(await refusal(client, `/Users/${other}`, { Operations: [{ op: 'add', path: 'externalId', value: 'ext-1' }] }, 'PATCH')).toBe(`Another user of this connection already has this externalId. ${who}`);
    expect(await refusal(client, '/Users', { userName: 'HOLDER' })).toBe(`The userName HOLDER is already taken. ${who}`);
    expect(await refusal(client, '/Users', { userName: 'holder@taken.example' })).toBe(`The userName holder@taken.example is another account’s e-mail address. ${who}`);
    expect(await refusal(client, '/Users', { userName: 'new', emails: [{ value: 'Holder@taken.example' }] })).toBe(`The e-mail address holder@taken.example is already taken. ${who}`);

    const group = (await client.scim('POST', '/Groups', { displayName: 'Taken', externalId: 'ext-g' })).body.id;
    expect(await refusal(client, '/Groups', { displayName: 'Else', externalId: 'ext-g' })).toBe(`Another group of this connection already has this externalId. The id of that group is ${group}.`);
    expect(await refusal(client, '/Groups', { displayName: 'taken' })).toBe(`Another group of this connection is already called taken. The id of that group is ${group}.`);
    // The log says the same.
    const [row] = await operations(booted, `&connectionId=${client.connection.id}&outcome=refused&search=new`);
    expect(row?.message).toContain(who);
  });

  it('says nothing of whom the connection does not see', async () => {
    const narrow = await createInbound(booted, { name: 'Narrow', policies: { visibility: 'provisioned', joinBy: [] } });
    const stranger = await createInbound(booted, { name: 'Stranger' });
    await stranger.scim('POST', '/Users', { userName: 'hidden', externalId: 'ext-h', emails: [{ value: 'hidden@taken.example' }] });
    for (const body of [{ userName: 'hidden' }, { userName: 'hidden@taken.example' }, { userName: 'seen', emails: [{ value: 'hidden@taken.example' }] }]) {
      expect(await refusal(narrow, '/Users', body)).not.toContain('The id of');
    }
    // Another connection's externalIds are its own.
    expect((await narrow.scim('POST', '/Users', { userName: 'free', externalId: 'ext-h' })).status).toBe(201);
  });
});
