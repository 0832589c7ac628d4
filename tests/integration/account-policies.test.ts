/** What a connection's policies say about accounts: passwords, sign-in, shared addresses; and what a manager's id becomes. */
import { readFileSync } from 'node:fs';
import { queriesOf } from '../helpers/queries';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { createInbound, operations, type Inbound, type ScimBody } from '../helpers/connections';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let booted: BootedStrapi;
let plain: Inbound;

const user = (username: string) => booted.strapi.db.query('plugin::users-permissions.user').findOne({ where: { username } });
const login = async (identifier: string, password: string): Promise<number> =>
  (await booted.http.post('/api/auth/local').send({ identifier, password })).status;
const sessions = (userId: number): Promise<number> => booted.strapi.db.query('admin::session').count({ where: { userId: String(userId) } });

beforeAll(async () => {
  booted = await bootStrapi();
  plain = await createInbound(booted, { name: 'Plain' });
});
afterAll(() => booted.stop());

describe('a password', () => {
  let idp: Inbound;
  beforeAll(async () => {
    idp = await createInbound(booted, { name: 'Passwords', policies: { acceptPassword: true } });
  });

  it('is not taken unless the connection says so', async () => {
    const created = await plain.scim('POST', '/Users', { userName: 'no-password', password: 'Sesame-Open-1', emails: [{ value: 'no-password@example.com' }] });
    expect(created.status).toBe(201);
    expect((await user('no-password')).password).toBeNull();
    await plain.scim('PATCH', `/Users/${created.body.id}`, { Operations: [{ op: 'replace', path: 'password', value: 'Sesame-Open-1' }] });
    expect((await user('no-password')).password).toBeNull();
  });

  it('is written as Strapi writes it, changes with PUT and PATCH, and ends sessions', async () => {
    const created = await idp.scim('POST', '/Users', { userName: 'ali', password: 'Sesame-Open-1', emails: [{ value: 'ali@example.com' }] });
    expect(created.status).toBe(201);
    expect(created.body).not.toHaveProperty('password');
    expect((await user('ali')).password).toMatch(/^\$2[aby]\$10\$/);
    expect(await login('ali', 'Sesame-Open-1')).toBe(200);
    const { id } = await user('ali');
    expect(await sessions(id)).toBeGreaterThan(0);

    // The same again: nobody is signed out.
    await idp.scim('PUT', `/Users/${created.body.id}`, { userName: 'ali', password: 'Sesame-Open-1', emails: [{ value: 'ali@example.com' }] });
    expect(await sessions(id)).toBeGreaterThan(0);

    const put = await idp.scim('PUT', `/Users/${created.body.id}`, { userName: 'ali', password: 'Sesame-Open-2', emails: [{ value: 'ali@example.com' }] });
    expect(put.body).not.toHaveProperty('password');
    expect(await sessions(id)).toBe(0);
    expect(await login('ali', 'Sesame-Open-1')).toBe(400);
    expect(await login('ali', 'Sesame-Open-2')).toBe(200);

    for (const [operation, password] of [
      [{ op: 'replace', path: 'password', value: 'Sesame-Open-3' }, 'Sesame-Open-3'],
      [{ op: 'replace', value: { password: 'Sesame-Open-4', displayName: 'Ali' } }, 'Sesame-Open-4'],
    ] as const) {
      const patched = await idp.scim('PATCH', `/Users/${created.body.id}`, { Operations: [operation] });
      expect(patched.body).not.toHaveProperty('password');
      expect(await login('ali', password)).toBe(200);
    }
    // Left out, it stays.
    await idp.scim('PUT', `/Users/${created.body.id}`, { userName: 'ali', emails: [{ value: 'ali@example.com' }] });
    expect(await login('ali', 'Sesame-Open-4')).toBe(200);
  });

  it('of an admin user opens the panel', async () => {
    const admins = await createInbound(booted, { name: 'Admins', population: 'admin-users', policies: { acceptPassword: true } });
    await admins.scim('POST', '/Users', { userName: 'boss@example.com', password: 'Sesame-Open-1' });
    expect((await booted.http.post('/admin/login').send({ email: 'boss@example.com', password: 'Sesame-Open-1' })).status).toBe(200);
  });

  it.each([
    ['longer than bcrypt reads', 'ä'.repeat(37), '72 bytes'],
    ['shorter than Strapi allows', 'tiny!', 'shorter than 6'],
  ])('%s is refused', async (_what, password, reason) => {
    const answer = await idp.scim('POST', '/Users', { userName: 'refused', password });
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidValue', detail: expect.stringContaining(reason) } });
    expect(JSON.stringify(answer.body)).not.toContain(password);
    expect(await user('refused')).toBeNull();
  });

  it('stands nowhere in the database, and the log says that it changed', async () => {
    const secret = 'Never-To-Be-Found-1';
    const { id } = (await idp.scim('POST', '/Users', { userName: 'hidden', password: secret })).body;
    await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'password', value: `${secret}2` }] });
    await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value: { password: `${secret}${'x'.repeat(80)}` } }] });
    await plain.scim('POST', '/Users', { userName: 'hidden-2', password: secret });
    expect((await operations(booted, '&search=hidden')).map(({ message }) => message)).toContain('Changed password.');

    for (const { tableName } of booted.strapi.db.metadata.values()) {
      const rows: unknown = await booted.strapi.db.connection(tableName).select('*');
      expect(JSON.stringify(rows)).not.toContain(secret);
    }
    if (booted.database.client === 'sqlite') {
      const file = booted.database.env.TEST_DATABASE_FILENAME ?? '';
      expect(readFileSync(file).includes(secret)).toBe(false);
    }
  });
});

it('the way to sign in and whether the address is confirmed are the connection’s', async () => {
  const sso = await createInbound(booted, { name: 'SSO', policies: { signInProvider: 'auth0', confirmed: false } });
  await sso.scim('POST', '/Users', { userName: 'sso-user' });
  expect(await user('sso-user')).toMatchObject({ provider: 'auth0', confirmed: false });
  await plain.scim('POST', '/Users', { userName: 'local-user' });
  expect(await user('local-user')).toMatchObject({ provider: 'local', confirmed: true });
});

describe('a forgotten password', () => {
  const mails: string[] = [];
  beforeAll(() => {
    booted.strapi.plugin('email').service('email').send = async (mail: { to: string }) => void mails.push(mail.to);
  });
  beforeEach(() => mails.splice(0));
  const forgot = (email: string) => booted.http.post('/api/auth/forgot-password').send({ email });
  const reset = (code: string) => booted.http.post('/api/auth/reset-password').send({ code, password: 'Sesame-Open-9', passwordConfirmation: 'Sesame-Open-9' });

  it('is nothing that gets a person past single sign-on', async () => {
    const sso = await createInbound(booted, { name: 'SSO only', policies: { signInProvider: 'auth0' } });
    await sso.scim('POST', '/Users', { userName: 'sso-only', emails: [{ value: 'sso-only@example.com' }] });
    const answer = await forgot('SSO-only@example.com');
    expect([answer.status, answer.body]).toEqual([200, { ok: true }]);
    expect(mails).toEqual([]);
    expect((await user('sso-only')).resetPasswordToken).toBeNull();
    // Not by a code that was made before, either.
    await booted.strapi.db.query('plugin::users-permissions.user').update({ where: { username: 'sso-only' }, data: { resetPasswordToken: 'early-code' } });
    expect((await reset('early-code')).status).toBe(400);
    expect((await user('sso-only')).password).toBeNull();
  });

  it('is a way in where the connection lets people sign in locally', async () => {
    await plain.scim('POST', '/Users', { userName: 'forgetful', emails: [{ value: 'forgetful@example.com' }] });
    expect((await forgot('forgetful@example.com')).status).toBe(200);
    expect(mails).toEqual(['forgetful@example.com']);
    expect((await reset((await user('forgetful')).resetPasswordToken)).status).toBe(200);
    expect(await login('forgetful', 'Sesame-Open-9')).toBe(200);
  });

  it('stays as it was for people nobody provisioned, and sends nothing to a placeholder', async () => {
    await booted.strapi.documents('plugin::users-permissions.user').create({ data: { username: 'own-way', email: 'own-way@example.com', provider: 'google' } as never });
    await plain.scim('POST', '/Users', { userName: 'nowhere' });
    await forgot('own-way@example.com');
    expect((await forgot((await user('nowhere')).email)).body).toEqual({ ok: true });
    expect(mails).toEqual(['own-way@example.com']);
    expect((await forgot('nobody@example.com')).body).toEqual({ ok: true });
    expect((await booted.http.post('/api/auth/forgot-password').send({ email: 7 })).status).toBe(400);
  });
});

describe('an e-mail address that another account has', () => {
  const store = () => booted.strapi.store({ type: 'plugin', name: 'users-permissions', key: 'advanced' });
  const setUnique = async (unique: boolean): Promise<void> => {
    await store().set({ value: { ...((await store().get({})) as object), unique_email: unique } });
  };
  let count = 0;
  const attempt = async (inbound: Inbound): Promise<number> => {
    count += 1;
    return (await inbound.scim('POST', '/Users', { userName: `shares-${count}`, emails: [{ value: 'shared@example.com' }] })).status;
  };

  it.each([
    ['as-strapi', true, 409],
    ['as-strapi', false, 201],
    ['refuse', false, 409],
    ['allow', true, 201],
  ] as const)('%s, with Strapi’s "one account per email address" %s: %i', async (sharedEmail, unique, status) => {
    await setUnique(false);
    const inbound = await createInbound(booted, { name: `Shared ${sharedEmail} ${unique}`, policies: { sharedEmail } });
    await booted.strapi.db.query('plugin::users-permissions.user').deleteMany({ where: { email: 'shared@example.com' } });
    await booted.strapi.documents('plugin::users-permissions.user').create({ data: { username: `holder-${count}`, email: 'shared@example.com' } as never });
    await setUnique(unique);
    expect(await attempt(inbound)).toBe(status);
    await setUnique(true);
  });

  it('is refused for admin users whatever the policy: Strapi signs in by it', async () => {
    const admins = await createInbound(booted, { name: 'Admins too', population: 'admin-users', policies: { sharedEmail: 'allow' } });
    expect((await admins.scim('POST', '/Users', { userName: 'first', emails: [{ value: 'one@example.com' }] })).status).toBe(201);
    const second = await admins.scim('POST', '/Users', { userName: 'second', emails: [{ value: 'One@example.com' }] });
    expect(second).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
  });
});

describe('an account without an address', () => {
  it('gets one under a reserved domain that is nobody else’s, and never shows it', async () => {
    const names = ['a'.repeat(100), `${'a'.repeat(99)}b`];
    for (const userName of names) expect((await plain.scim('POST', '/Users', { userName })).body).not.toHaveProperty('emails');
    const addresses = await Promise.all(names.map(async (name) => (await user(name)).email as string));
    expect(new Set(addresses).size).toBe(2);
    expect(addresses.every((address) => address.endsWith('@users.invalid'))).toBe(true);
  });

  it('follows the address that was chosen in Strapi, and a client that writes back what it read changes nothing', async () => {
    const emails = [{ value: 'work@list.example', type: 'work', primary: true }, { value: 'home@list.example', type: 'home' }];
    const { id } = (await plain.scim('POST', '/Users', { userName: 'listed', emails })).body;
    const { documentId } = await user('listed');
    await booted.strapi.documents('plugin::users-permissions.user').update({ documentId, data: { email: 'home@list.example' } as never });
    const read = (await plain.scim('GET', `/Users/${id}`)).body;
    expect(read.emails).toEqual([{ ...emails[0], primary: false }, { ...emails[1], primary: true }]);
    await plain.scim('PUT', `/Users/${id}`, read);
    expect((await user('listed')).email).toBe('home@list.example');
  });
});

it('a name or address that an account gets when its person leaves is nobody’s before', async () => {
  const { id } = (await plain.scim('POST', '/Users', { userName: 'will-leave' })).body;
  const name = `departed-${String(id).replaceAll('-', '').slice(0, 12)}`;
  for (const body of [{ userName: name }, { userName: name.toUpperCase() }, { userName: 'thief', emails: [{ value: `${name}@users.invalid` }] }, { userName: `${name}@users.invalid` }]) {
    expect(await plain.scim('POST', '/Users', body)).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
  }
});

describe('a manager', () => {
  const manager = (body: ScimBody): unknown => (body[ENTERPRISE] as { manager?: unknown } | undefined)?.manager;

  it('who is a user here is shown with address and name', async () => {
    const boss = (await plain.scim('POST', '/Users', { userName: 'the-boss', displayName: 'Boss, The' })).body;
    const created = await plain.scim('POST', '/Users', { userName: 'managed', [ENTERPRISE]: { manager: { value: boss.id }, department: 'D' } });
    const shown = { value: boss.id, $ref: (boss.meta as { location: string }).location, displayName: 'Boss, The' };
    const path = (value: unknown): unknown => ({ ...(value as object), $ref: new URL((value as { $ref: string }).$ref).pathname });
    const read = await plain.scim('GET', `/Users/${created.body.id}`);
    expect(path(manager(read.body))).toEqual(path(shown));
    expect(read.body[ENTERPRISE]).toMatchObject({ department: 'D' });
    const again = await plain.scim('PUT', `/Users/${created.body.id}`, read.body);
    expect((again.body.meta as { version: string }).version).toBe((created.body.meta as { version: string }).version);
    await plain.scim('DELETE', `/Users/${boss.id}`);
    expect(manager((await plain.scim('GET', `/Users/${created.body.id}`)).body)).toEqual({ value: boss.id });
  });

  it('whom another system manages is shown by the user name', async () => {
    const other = await createInbound(booted, { name: 'HR' });
    const boss = (await other.scim('POST', '/Users', { userName: 'hr-boss', displayName: 'Known to HR only' })).body;
    const created = await plain.scim('POST', '/Users', { userName: 'hr-managed', [ENTERPRISE]: { manager: { value: boss.id } } });
    expect(manager((await plain.scim('GET', `/Users/${created.body.id}`)).body)).toMatchObject({ value: boss.id, displayName: 'hr-boss' });
  });

  it('whom nobody knows is kept as it was sent', async () => {
    for (const sent of [{ value: 'emp-7' }, { value: 'emp-8', $ref: 'https://hr.example/emp-8' }, { value: '26118915-6090-4610-87e4-49d8ca9f808d' }]) {
      const created = await plain.scim('POST', '/Users', { userName: `m-${sent.value}`, [ENTERPRISE]: { manager: sent } });
      expect(manager(created.body)).toEqual(sent);
    }
  });

  it('costs a page two look-ups, however many there are', async () => {
    const boss = (await plain.scim('POST', '/Users', { userName: 'boss-of-many' })).body;
    const names = ['team-1', 'team-2', 'team-3', 'team-4'];
    for (const name of names) await plain.scim('POST', '/Users', { userName: name, [ENTERPRISE]: { manager: boss.id } });
    const queries = async (count: number): Promise<number> => {
      const total = (await plain.scim('GET', '/Users?count=0')).body.totalResults ?? 0;
      let page = { body: {} as ScimBody };
      const seen = await queriesOf(booted, async () => {
        page = await plain.scim('GET', `/Users?startIndex=${total - count + 1}&count=${count}`);
      });
      expect(page.body.Resources?.filter((resource) => (manager(resource) as { displayName?: string } | undefined)?.displayName === 'boss-of-many')).toHaveLength(count);
      return seen.length;
    };
    expect(await queries(4)).toBe(await queries(1));
  });
});

describe('a userName with a character nobody sees', () => {
  const LOOKALIKE = 'ma\u200bry';

  it('is refused by its code and place, for a new user and a new name', async () => {
    const mary = await plain.scim('POST', '/Users', { userName: 'mary' });
    const refused = [
      await plain.scim('POST', '/Users', { userName: LOOKALIKE }),
      await plain.scim('PUT', `/Users/${mary.body.id}`, { userName: LOOKALIKE }),
      await plain.scim('PATCH', `/Users/${mary.body.id}`, { Operations: [{ op: 'replace', path: 'userName', value: LOOKALIKE }] }),
    ];
    for (const answer of refused) expect([answer.status, answer.body.scimType, answer.body.detail]).toEqual([400, 'invalidValue', expect.stringContaining('U+200B at position 3')]);
    expect(await user(LOOKALIKE)).toBeNull();
    expect((await plain.scim('GET', `/Users/${mary.body.id}`)).body.userName).toBe('mary');
  });

  it('is found, changed and kept where an account has it already', async () => {
    const old = 'pe\u00adter';
    await booted.strapi.db.query('plugin::users-permissions.user').create({ data: { username: old, email: 'peter@example.com', provider: 'local' } });
    const found = (await plain.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${old}"`)}`)).body.Resources?.[0];
    const changed = await plain.scim('PUT', `/Users/${found?.id}`, { userName: old, title: 'Gardener', emails: [{ value: 'peter@example.com' }] });
    expect([changed.status, changed.body.userName, changed.body.title]).toEqual([200, old, 'Gardener']);
  });
});
