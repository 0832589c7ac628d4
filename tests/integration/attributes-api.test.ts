/** Which attributes of a site's users a connection may be allowed to write, over the admin API. */
import type { AttributeInfo, ConnectionInfo } from '../../server/src/contracts/connection';
import { adminApi, createInbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

let booted: BootedStrapi;
beforeAll(async () => {
  booted = await bootStrapi({ ownFields: true });
});
afterAll(() => booted.stop());

const list = async (path: string): Promise<AttributeInfo[]> => (await adminApi<AttributeInfo[]>(booted, 'get', path)).data;
const put = (id: number, writableAttributes: unknown) => adminApi<ConnectionInfo>(booted, 'put', `/connections/${id}`, { policies: { writableAttributes } });

it('lists what the site added: type, what is needed, what is locked and why', async () => {
  const attributes = await list('/attributes?population=end-users');
  const byName = Object.fromEntries(attributes.map((attribute) => [attribute.name, attribute]));
  expect(byName).toMatchObject({
    favouriteColour: { type: 'string', multiValued: false, required: true, writable: false, locked: null },
    vegetarian: { type: 'boolean', required: false, locked: null },
    address: { type: 'component', multiValued: false, locked: null },
    languages: { type: 'component', multiValued: true, locked: null },
    inviteToken: { locked: 'secret' },
    notes: { locked: 'private' },
    settings: { type: 'json', locked: 'type' },
    avatar: { type: 'media', locked: 'type' },
    friends: { type: 'relation', locked: 'type' },
  });
  // Nobody asks about fields that Strapi made itself.
  const own = ['username', 'email', 'provider', 'password', 'resetPasswordToken', 'confirmationToken', 'confirmed', 'blocked', 'role', 'createdBy', 'createdAt', 'documentId', 'locale', 'id'];
  expect(attributes.filter(({ name }) => own.includes(name))).toEqual([]);
});

it('admin users have what Strapi lets a provider write, and none of their secrets', async () => {
  expect(await list('/attributes?population=admin-users')).toEqual([
    { name: 'preferedLanguage', type: 'string', multiValued: false, required: false, writable: false, locked: null },
  ]);
});

it('says for a connection what it may write', async () => {
  const { connection } = await createInbound(booted, { policies: { writableAttributes: ['mood', 'languages'] } });
  const writable = (await list(`/connections/${connection.id}/attributes`)).filter((attribute) => attribute.writable);
  expect(writable.map(({ name }) => name)).toEqual(['mood', 'languages']);
  expect((await adminApi(booted, 'get', '/connections/9999/attributes')).status).toBe(404);
  expect((await adminApi(booted, 'get', '/attributes?population=robots')).error.message).toBe('population: one of end-users, admin-users.');
});

it.each([
  [['mood', 'shoesize'], 1, 'End users have no field “shoesize”. Leave it out, or add the field to the content type first.'],
  [['blocked'], 0, '“blocked” is a field of Strapi itself, which a provider reaches by the attributes of SCIM or not at all. Leave it out.'],
  [['password'], 0, '“password” is a field of Strapi itself, which a provider reaches by the attributes of SCIM or not at all. Leave it out.'],
  [['notes'], 0, '“notes” is private, so no provider sees it. Leave it out, or take “private” off the field in the content type.'],
  [['inviteToken'], 0, '“inviteToken” sounds like a secret, so no provider sees it. Leave it out, or rename the field.'],
  [['avatar'], 0, '“avatar” is of the type media, for which SCIM has no form. Leave it out.'],
  [['constructor'], 0, 'End users have no field “constructor”. Leave it out, or add the field to the content type first.'],
])('refuses %j at the name, and changes nothing', async (names, index, message) => {
  const { connection } = await createInbound(booted, { policies: { writableAttributes: ['mood'] } });
  for (const answer of [
    await put(connection.id, names),
    await adminApi(booted, 'post', '/connections', { name: 'New', direction: 'inbound', population: 'end-users', policies: { writableAttributes: names } }),
  ]) {
    expect(answer.status).toBe(400);
    expect(answer.error).toMatchObject({ message, details: { errors: [{ path: ['policies', 'writableAttributes', String(index)], message }] } });
  }
  expect((await adminApi<ConnectionInfo>(booted, 'get', `/connections/${connection.id}`)).data.policies?.writableAttributes).toEqual(['mood']);
  expect((await adminApi<ConnectionInfo[]>(booted, 'get', '/connections')).data.filter(({ name }) => name === 'New')).toEqual([]);
});

it('refuses a name twice, and takes none', async () => {
  const { connection } = await createInbound(booted, { policies: { writableAttributes: ['mood'] } });
  expect((await put(connection.id, ['mood', 'mood'])).error.message).toBe('Name each attribute once.');
  expect((await put(connection.id, [7])).error.message).toBe('Name the attribute.');
  expect((await put(connection.id, [])).data.policies?.writableAttributes).toEqual([]);
});

it('an attribute of end users is none of admin users', async () => {
  const { connection } = await createInbound(booted, { population: 'admin-users' });
  expect((await put(connection.id, ['mood'])).error.message).toMatch(/^Admin users have no field “mood”\./);
  expect((await put(connection.id, ['preferedLanguage'])).status).toBe(200);
});
