/** The Strapi extension schema: fields and components that a site added to its users, readable and, where allowed, writable by SCIM. */
import { queriesOf } from '../helpers/queries';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { createInbound, operationDetail, operations, type Inbound, type ScimBody } from '../helpers/connections';
import { AccountExtension } from '../../server/src/strapi/extension/account-extension';
import type { AccountUid } from '../../server/src/strapi/extension/fields';
import { ExtensionSchema } from '../../server/src/strapi/extension/schema';
import type { AttributeDefinition } from '../../server/src/scim/schema/definition';

const URN = 'urn:ietf:params:scim:schemas:extension:strapi:2.0:User';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const WRITABLE = [
  'favouriteColour', 'mood', 'badge', 'shoeSize', 'bigNumber', 'ratio', 'salary', 'vegetarian', 'birthday', 'breakfast', 'lastCoffee', 'biography',
  'address', 'languages',
];

let booted: BootedStrapi;
/** May write everything but `biography`. */
let idp: Inbound;
/** Of the same accounts, may write nothing of the extension. */
let reader: Inbound;

const row = (username: string) =>
  booted.strapi.db.query('plugin::users-permissions.user').findOne({ where: { username }, populate: ['address', 'languages', 'languages.home', 'role'] });
const ext = (body: ScimBody): Record<string, unknown> => (body[URN] ?? {}) as Record<string, unknown>;
const count = (uid: string): Promise<number> => booted.strapi.db.query(uid as never).count();

beforeAll(async () => {
  booted = await bootStrapi({ ownFields: true });
  idp = await createInbound(booted, { name: 'Writer', policies: { writableAttributes: WRITABLE.filter((name) => name !== 'biography') } });
  reader = await createInbound(booted, { name: 'Reader' });
});
afterAll(() => booted.stop());

/** SQLite's driver reads integers as JSON numbers: longer ones lose digits there, in Strapi too. */
const full = {
  favouriteColour: 'teal', mood: 'fine', badge: 'B-1', shoeSize: 42, bigNumber: '9007199254740991', ratio: 0.5, salary: 1234.56, vegetarian: true,
  birthday: '1990-02-28', breakfast: '07:30:00', lastCoffee: '2026-01-02T03:04:05.000Z',
  address: { street: 'High Street 1', zip: '12345', since: '2020-01-01' },
  languages: [{ code: 'de', level: 6 }, { code: 'en' }],
};

describe('the schema', () => {
  const attributesOf = (uid: AccountUid, writable: readonly string[]): readonly AttributeDefinition[] => {
    const { User } = new ExtensionSchema(new AccountExtension(booted.strapi, uid).fields).typesFor(writable);
    return User.extensions.find((schema) => schema.id === URN)?.attributes ?? [];
  };
  const attributes = (inbound: Inbound): readonly AttributeDefinition[] =>
    attributesOf('plugin::users-permissions.user', inbound.connection.policies?.writableAttributes ?? []);

  it('lists what SCIM can carry, and nothing that is secret, system or core', () => {
    expect(attributes(idp).map(({ name }) => name)).toEqual(WRITABLE);
  });

  it('maps types, components and what may be written', () => {
    const byName = Object.fromEntries(attributes(idp).map((attribute) => [attribute.name, attribute]));
    expect(byName).toMatchObject({
      favouriteColour: { type: 'string', required: true, mutability: 'readWrite' },
      mood: { type: 'string', canonicalValues: ['fine', 'grumpy'] },
      badge: { uniqueness: 'server', caseExact: true },
      shoeSize: { type: 'integer' },
      bigNumber: { type: 'string' },
      ratio: { type: 'decimal' },
      salary: { type: 'decimal' },
      vegetarian: { type: 'boolean' },
      birthday: { type: 'string' },
      lastCoffee: { type: 'dateTime' },
      biography: { mutability: 'readOnly', required: false },
      address: { type: 'complex', multiValued: false, mutability: 'readWrite' },
      languages: { type: 'complex', multiValued: true },
    });
    // Nested components, JSON and private fields stay inside Strapi.
    expect(byName.address?.subAttributes?.map(({ name }) => name)).toEqual(['street', 'zip', 'since']);
    expect(byName.languages?.subAttributes?.map(({ name }) => name)).toEqual(['code', 'level']);
    expect(attributes(reader).every(({ mutability, required }) => mutability === 'readOnly' && !required)).toBe(true);
  });

  it('has for admin users what Strapi keeps about them', () => {
    expect(attributesOf('admin::user', []).map(({ name }) => name)).toEqual(['preferedLanguage']);
  });
});

describe('discovery', () => {
  it('lists the extension with what this connection may write, and nothing where the site has no own fields', async () => {
    for (const [inbound, mutability] of [[idp, 'readWrite'], [reader, 'readOnly']] as const) {
      const { body } = await inbound.scim('GET', `/Schemas/${URN}`);
      expect(body).toMatchObject({ id: URN, name: 'StrapiUser' });
      expect((body.attributes as AttributeDefinition[])[0]).toMatchObject({ name: 'favouriteColour', mutability });
      const types = await inbound.scim('GET', '/ResourceTypes/User');
      expect(types.body.schemaExtensions).toContainEqual({ schema: URN, required: false });
    }
  });
});

describe('writing', () => {
  it('writes every type, components too, and reads it back', async () => {
    const created = await idp.scim('POST', '/Users', { schemas: [USER, URN], userName: 'full', [URN]: full });
    expect(created).toMatchObject({ status: 201 });
    expect(ext(created.body)).toEqual(full);
    expect(created.body.schemas).toContain(URN);
    expect(await row('full')).toMatchObject({
      favouriteColour: 'teal', bigNumber: '9007199254740991', salary: 1234.56, address: { street: 'High Street 1', zip: '12345' },
      languages: [{ code: 'de', level: 6 }, { code: 'en', level: null }],
    });
    expect(ext((await idp.scim('GET', `/Users/${created.body.id}`)).body)).toEqual(full);
    const page = await idp.scim('GET', '/Users');
    expect(ext(page.body.Resources?.find((user) => user.id === created.body.id) as ScimBody)).toEqual(full);
  });

  it('changes, shortens and clears by PATCH and PUT, and leaves no component behind', async () => {
    const { id } = (await idp.scim('POST', '/Users', { userName: 'changes', [URN]: { ...full, badge: 'B-2' } })).body;
    const [addresses, languages] = [await count('person.address'), await count('person.language')];
    await booted.strapi.db.query('person.language').update({ where: { id: (await row('changes')).languages[0].id }, data: { note: 'kept by hand' } });

    const patched = await idp.scim('PATCH', `/Users/${id}`, {
      Operations: [
        { op: 'replace', path: `${URN}:favouriteColour`, value: 'red' },
        { op: 'replace', path: `${URN}:address.street`, value: 'Low Street 2' },
        { op: 'replace', path: `${URN}:languages`, value: [{ code: 'fr' }] },
        { op: 'remove', path: `${URN}:mood` },
      ],
    });
    expect(patched.status).toBe(200);
    const { mood: _removed, ...rest } = full;
    expect(ext(patched.body)).toEqual({ ...rest, badge: 'B-2', favouriteColour: 'red', address: { ...full.address, street: 'Low Street 2' }, languages: [{ code: 'fr' }] });
    // The first one was changed in place: what SCIM does not show of it stays.
    expect((await row('changes')).languages).toMatchObject([{ code: 'fr', level: null, note: 'kept by hand' }]);
    expect([await count('person.address'), await count('person.language')]).toEqual([addresses, languages - 1]);

    const put = await idp.scim('PUT', `/Users/${id}`, { userName: 'changes', [URN]: { favouriteColour: 'red' } });
    // What this connection wrote and now leaves out is cleared.
    expect(ext(put.body)).toEqual({ favouriteColour: 'red' });
    expect(await row('changes')).toMatchObject({ mood: null, shoeSize: null, address: null, languages: [] });
    expect(await count('person.address')).toBe(addresses - 1);
    expect(await count('person.language')).toBe(languages - 2);
  });

  it('finds an element of a repeatable component by a filter, and takes the whole extension as one value', async () => {
    const { id } = (await idp.scim('POST', '/Users', { userName: 'elements', [URN]: { favouriteColour: 'teal', languages: [{ code: 'de', level: 1 }, { code: 'en', level: 2 }] } })).body;
    const filtered = await idp.scim('PATCH', `/Users/${id}`, {
      Operations: [
        { op: 'replace', path: `${URN}:languages[code eq "EN"].level`, value: 5 },
        { op: 'add', path: `${URN}:languages`, value: [{ code: 'it' }] },
      ],
    });
    expect(ext(filtered.body).languages).toEqual([{ code: 'de', level: 1 }, { code: 'en', level: 5 }, { code: 'it' }]);
    await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'remove', path: `${URN}:languages[code eq "de"]` }] });
    expect((await row('elements')).languages).toMatchObject([{ code: 'en', level: 5 }, { code: 'it', level: null }]);

    // In Entra ID's form, and as one object.
    const object = await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'Replace', value: { [`${URN}:shoeSize`]: 43, [URN]: { mood: 'fine' } } }] });
    expect(ext(object.body)).toMatchObject({ favouriteColour: 'teal', shoeSize: 43, mood: 'fine', languages: [{ code: 'en', level: 5 }, { code: 'it' }] });
    const required = await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'remove', path: `${URN}:favouriteColour` }] });
    // RFC 7644 section 3.5.2.2.
    expect(required).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
    const left = await idp.scim('PUT', `/Users/${id}`, { userName: 'elements' });
    expect(left).toMatchObject({ status: 400, body: { scimType: 'invalidValue', detail: `${URN}:favouriteColour: is required.` } });
  });

  it('of an admin user writes what Strapi has of its own', async () => {
    const admins = await createInbound(booted, { name: 'Admins', population: 'admin-users', policies: { writableAttributes: ['preferedLanguage'] } });
    const created = await admins.scim('POST', '/Users', { userName: 'polyglot@example.com', [URN]: { preferedLanguage: 'de', isActive: false, password: 'x' } });
    expect(ext(created.body)).toEqual({ preferedLanguage: 'de' });
    const account = await booted.strapi.db.query('admin::user').findOne({ where: { email: 'polyglot@example.com' } });
    expect(account).toMatchObject({ preferedLanguage: 'de', isActive: true, password: null });
    const patched = await admins.scim('PATCH', `/Users/${created.body.id}`, { Operations: [{ op: 'remove', path: `${URN}:preferedLanguage` }] });
    expect(patched.body).not.toHaveProperty([URN]);
  });

  it('the same request again changes nothing', async () => {
    const body = { userName: 'again', [URN]: { ...full, badge: 'B-3', lastCoffee: '2026-01-02T04:04:05+01:00' } };
    const { id, meta } = (await idp.scim('POST', '/Users', body)).body;
    const put = await idp.scim('PUT', `/Users/${id}`, body);
    expect((put.body.meta as { version: string }).version).toBe((meta as { version: string }).version);
  });

  it('what may not be written is not: not by POST, PUT or PATCH, and PUT does not clear it', async () => {
    const { id } = (await reader.scim('POST', '/Users', { userName: 'readonly', [URN]: { favouriteColour: 'pink', vegetarian: true } })).body;
    expect(await row('readonly')).toMatchObject({ favouriteColour: null, vegetarian: false });
    await booted.strapi.db.query('plugin::users-permissions.user').update({ where: { username: 'readonly' }, data: { favouriteColour: 'grey' } });
    const put = await reader.scim('PUT', `/Users/${id}`, { userName: 'readonly', [URN]: { favouriteColour: 'pink' } });
    expect(ext(put.body)).toEqual({ favouriteColour: 'grey', vegetarian: false });
    expect((await row('readonly')).favouriteColour).toBe('grey');
    const patched = await reader.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: `${URN}:favouriteColour`, value: 'pink' }] });
    expect(patched).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
    expect((await row('readonly')).favouriteColour).toBe('grey');
  });

  it('never writes what is no part of the schema', async () => {
    const { id } = (await idp.scim('POST', '/Users', {
      userName: 'sneaky',
      [URN]: { favouriteColour: 'teal', inviteToken: 'x', notes: 'x', password: 'x', blocked: true, provider: 'x', role: 1, resetPasswordToken: 'x', nonsense: 1 },
    })).body;
    expect(await row('sneaky')).toMatchObject({ inviteToken: null, notes: null, password: null, blocked: false, provider: 'local', resetPasswordToken: null });
    expect(ext((await idp.scim('GET', `/Users/${id}`)).body)).toEqual({ favouriteColour: 'teal', vegetarian: false });
  });

  it.each([
    ['a missing required value', {}, 'favouriteColour', 'is required.'],
    ['what the site’s own rule refuses', { favouriteColour: 'c'.repeat(21) }, 'favouriteColour', 'at most 20'],
    ['a value that is not in the list', { favouriteColour: 'teal', mood: 'sad' }, 'mood', 'must be one of'],
    ['a number out of the site’s range', { favouriteColour: 'teal', shoeSize: 7 }, 'shoeSize', 'greater than or equal to 10'],
    ['a number the column does not hold', { favouriteColour: 'teal', shoeSize: 3_000_000_000 }, 'shoeSize', 'whole number'],
    ['too many digits', { favouriteColour: 'teal', bigNumber: '92233720368547758080' }, 'bigNumber', 'whole number'],
    ['a money amount Strapi cannot store', { favouriteColour: 'teal', salary: 1e9 }, 'salary', 'more digits'],
    ['a day that does not exist', { favouriteColour: 'teal', birthday: '2026-02-30' }, 'birthday', 'must be a date'],
    ['a time that does not exist', { favouriteColour: 'teal', breakfast: '25:00:00' }, 'breakfast', 'must be a time'],
    ['a component without its required part', { favouriteColour: 'teal', address: { street: 'x' } }, 'address.zip', 'is required.'],
    ['a component that breaks a rule', { favouriteColour: 'teal', languages: [{ code: 'de', level: 9 }] }, 'languages.level', 'less than or equal to 6'],
  ])('refuses %s and names it', async (_what, values, path, reason) => {
    const before = await count('person.address');
    const answer = await idp.scim('POST', '/Users', { userName: 'wrong', [URN]: values });
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(answer.body.detail).toContain(`${URN}:${path}`);
    expect(answer.body.detail).toContain(reason);
    expect(await row('wrong')).toBeNull();
    expect(await count('person.address')).toBe(before);
  });

  it('refuses a second account with a value that is unique', async () => {
    const first = await idp.scim('POST', '/Users', { userName: 'unique-1', [URN]: { favouriteColour: 'teal', badge: 'U-1' } });
    expect(first.status).toBe(201);
    const second = await idp.scim('POST', '/Users', { userName: 'unique-2', [URN]: { favouriteColour: 'teal', badge: 'U-1' } });
    expect(second).toMatchObject({ status: 409, body: { scimType: 'uniqueness', detail: `${URN}:badge: another account has this value.` } });
  });
});

describe('changes made in Strapi', () => {
  it('are seen at once, and move the version', async () => {
    const { id, meta } = (await idp.scim('POST', '/Users', { userName: 'by-hand', [URN]: { favouriteColour: 'teal' } })).body as ScimBody & { meta: { version: string } };
    const { documentId } = await row('by-hand');
    await booted.strapi.documents('plugin::users-permissions.user').update({ documentId, data: { favouriteColour: 'black', address: { zip: '9' } } as never });
    const read = await idp.scim('GET', `/Users/${id}`);
    expect(ext(read.body)).toMatchObject({ favouriteColour: 'black', address: { zip: '9' } });
    expect((read.body.meta as { version: string }).version).not.toBe(meta.version);
  });

  it('deleting a user deletes its components', async () => {
    const [addresses, languages] = [await count('person.address'), await count('person.language')];
    const { id } = (await idp.scim('POST', '/Users', { userName: 'leaves', [URN]: { ...full, badge: 'B-4' } })).body;
    const { documentId } = await row('leaves');
    await booted.strapi.documents('plugin::users-permissions.user').update({ documentId, data: { languages: [{ code: 'x', home: { zip: '1' } }] } as never });
    expect((await idp.scim('DELETE', `/Users/${id}`)).status).toBe(204);
    expect([await count('person.address'), await count('person.language')]).toEqual([addresses, languages]);
  });
});

it('pages cost the same number of queries, however many users they hold', async () => {
  const queries = async (path: string): Promise<number> => {
    // What is remembered of the token, the connection and how many people there are is read again every few seconds.
    await idp.scim('GET', path);
    return (await queriesOf(booted, () => idp.scim('GET', path))).length;
  };
  for (const name of ['p1', 'p2', 'p3', 'p4']) await idp.scim('POST', '/Users', { userName: `page-${name}`, [URN]: { ...full, badge: name } });
  expect(await queries('/Users?startIndex=1&count=8')).toBe(await queries('/Users?startIndex=1&count=2'));
});

it('the log names what is not taken: fields the site does not have, and those this connection may not write', async () => {
  const before = new Set((await operations(booted, '&search=not-taken')).map(({ id }) => id));
  const sent = { schemas: [USER, URN], userName: 'not-taken', [URN]: { favouriteColour: 'red', foo: 'bar', biography: 'x', address: { street: 'S', zip: '1', planet: 'Mars' } } };
  const made = await idp.scim('POST', '/Users', sent);
  expect([made.status, ext(made.body)]).toEqual([201, { favouriteColour: 'red', vegetarian: false, address: { street: 'S', zip: '1' } }]);
  expect((await idp.scim('PUT', `/Users/${made.body.id}`, sent)).status).toBe(200);
  expect((await idp.scim('PATCH', `/Users/${made.body.id}`, { Operations: [{ op: 'replace', value: { [URN]: sent[URN] } }] })).status).toBe(200);
  expect((await idp.scim('PATCH', `/Users/${made.body.id}`, { Operations: [{ op: 'add', path: `${URN}:foo`, value: 'bar' }] })).status).toBe(200);
  const rows = (await operations(booted, '&search=not-taken')).filter(({ id }) => !before.has(id));
  const told = await Promise.all(rows.map(async ({ id }) => /Not taken: .*/.exec((await operationDetail(booted, id)).steps[0]?.message ?? '')?.[0]));
  const all = `Not taken: ${URN}:foo, ${URN}:biography, ${URN}:address.planet.`;
  expect(told).toEqual([`Not taken: ${URN}:foo.`, all, all, all]);
});

it('the log tells what changed by its path', async () => {
  const { id } = (await idp.scim('POST', '/Users', { userName: 'logged', [URN]: { favouriteColour: 'teal' } })).body;
  await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: `${URN}:shoeSize`, value: 41 }] });
  expect((await operations(booted, '&search=logged'))[0]).toMatchObject({ operation: 'update', outcome: 'success', message: 'Changed shoeSize.' });
});
