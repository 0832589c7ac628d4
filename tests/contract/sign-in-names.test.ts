/**
 * Strapi signs in by user name or e-mail, so each of both must lead to one account, also when requests come at the same
 * moment. Runs on every database, because each decides such races in its own way.
 */
import { TABLES } from '../../server/src/models';
import { adminApi, createInbound, type Inbound, type ScimAnswer } from '../helpers/connections';
import { queriesOf } from '../helpers/queries';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { eventually } from '../helpers/wait';

const AT_ONCE = 50;

let booted: BootedStrapi;
let idp: Inbound;
let sharing: Inbound;

beforeAll(async () => {
  booted = await bootStrapi({ listen: true });
  idp = await createInbound(booted);
  sharing = await createInbound(booted, { name: 'Shared addresses', policies: { sharedEmail: 'allow' } });
});
afterAll(() => booted.stop());

const create = (userName: string, email?: string, by: Inbound = idp): Promise<ScimAnswer> =>
  by.scim('POST', '/Users', { userName, ...(email === undefined ? {} : { emails: [{ value: email }] }) });
const replace = (id: string, userName: string, email: string, by: Inbound = idp): Promise<ScimAnswer> =>
  by.scim('PUT', `/Users/${id}`, { userName, emails: [{ value: email }] });
const accounts = (column: 'username' | 'email', like: string): Promise<unknown[]> =>
  booted.strapi.db.connection('up_users').where(column, 'like', like).select('id');
const holder = async (norm: string): Promise<number | undefined> =>
  ((await booted.strapi.db.connection(TABLES.signInNames).where({ population: 'end-users', norm }).first('account_id')) as { account_id: number } | undefined)?.account_id;
const isHeld = (id: number | undefined): boolean => id !== undefined;
const statuses = (answers: ScimAnswer[], status: number): ScimAnswer[] => answers.filter((answer) => answer.status === status);

/** How many were made; all others were refused for a name, and for nothing else. */
function expectCreated(answers: ScimAnswer[], created: number): void {
  expect(answers.filter(({ status }) => status !== 201 && status !== 409).map(({ status, body }) => [status, body.detail])).toEqual([]);
  expect(statuses(answers, 201)).toHaveLength(created);
  expect(statuses(answers, 409).filter(({ body }) => body.scimType !== 'uniqueness')).toEqual([]);
}

describe('requests at the same moment', () => {
  it('50 creations with one address make one account', async () => {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => create(`one-address-${index}`, index % 2 ? 'One@Example.com' : 'one@example.com')));
    expectCreated(answers, 1);
    expect(statuses(answers, 409).filter(({ body }) => !String(body.detail).includes('e-mail address'))).toEqual([]);
    expect(await accounts('email', 'one@example.com')).toHaveLength(1);
  });

  it('of two whose userName is the other’s address one is made', async () => {
    const pairs = Array.from({ length: AT_ONCE / 2 }, (_, index) => [`left-${index}@pairs.example`, `right-${index}@pairs.example`] as const);
    const answers = await Promise.all(pairs.flatMap(([left, right]) => [create(left, right), create(right, left)]));
    expectCreated(answers, pairs.length);
    expect(await accounts('email', '%@pairs.example')).toHaveLength(pairs.length);
  });

  it('a userName and the address of another lead to one account', async () => {
    const names = Array.from({ length: AT_ONCE / 2 }, (_, index) => `mixed-${index}@mixed.example`);
    const answers = await Promise.all(names.flatMap((name, index) => [create(name, `other-${index}@mixed.example`), create(`plain-mixed-${index}`, name)]));
    expectCreated(answers, names.length);
  });

  it('changes to one address leave it to one account', async () => {
    const users = await Promise.all(Array.from({ length: 10 }, (_, index) => create(`changing-${index}`, `changing-${index}@example.com`)));
    const answers = await Promise.all(users.map(({ body }, index) => replace(body.id, `changing-${index}`, 'changed@example.com')));
    expect(statuses(answers, 200)).toHaveLength(1);
    expect(statuses(answers, 409).filter(({ body }) => body.scimType === 'uniqueness')).toHaveLength(9);
    expect(await accounts('email', 'changed@example.com')).toHaveLength(1);
  });

  it('all are made where the connection lets accounts share an address', async () => {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => create(`sharing-${index}`, 'office@example.com', sharing)));
    expectCreated(answers, AT_ONCE);
    // Its user names are their own all the same.
    const again = await Promise.all([create('Sharing-Again', 'office@example.com', sharing), create('sharing-again', 'office@example.com', sharing)]);
    expectCreated(again, 1);
  });
});

describe('a name becomes free', () => {
  it('when the account is deleted', async () => {
    const { body } = await create('leaves', 'leaves@example.com');
    expect((await idp.scim('DELETE', `/Users/${body.id}`)).status).toBe(204);
    expect([await holder('leaves'), await holder('leaves@example.com')]).toEqual([undefined, undefined]);
    expect((await create('leaves@example.com', 'Leaves@example.com')).status).toBe(201);
  });

  it('when the account is kept without its person', async () => {
    const blocking = await createInbound(booted, { name: 'Blocks', policies: { onDelete: { action: 'block', graceDays: 0 } } });
    const { body } = await create('departs', 'departs@example.com', blocking);
    expect((await blocking.scim('DELETE', `/Users/${body.id}`)).status).toBe(204);
    expect([await holder('departs'), await holder('departs@example.com')]).toEqual([undefined, undefined]);
    expect((await create('departs', 'departs@example.com')).status).toBe(201);
  });

  it('when the account has another, and no sooner', async () => {
    const { body } = await create('before', 'before@example.com');
    const id = await holder('before');
    expect([id, await holder('before@example.com')]).toEqual([expect.any(Number), id]);
    expect((await replace(body.id, 'after', 'before@example.com')).status).toBe(200);
    expect([await holder('before'), await holder('after'), await holder('before@example.com')]).toEqual([undefined, id, id]);
    // The address becomes the name: one claim holds both, also after one of them changed.
    expect((await replace(body.id, 'before@example.com', 'before@example.com')).status).toBe(200);
    expect((await replace(body.id, 'before@example.com', 'later@example.com')).status).toBe(200);
    expect([await holder('after'), await holder('before@example.com'), await holder('later@example.com')]).toEqual([undefined, id, id]);
    // And back, each taking the place of the other.
    expect((await replace(body.id, 'later@example.com', 'before@example.com')).status).toBe(200);
    expect((await create('free-again', 'before@example.com')).status).toBe(409);
    expect((await create('after', 'after@example.com')).status).toBe(201);
  });
});

describe('what claims cost', () => {
  const claimsOf = async (work: () => Promise<ScimAnswer>): Promise<string[]> => {
    let answer: ScimAnswer | undefined;
    const queries = await queriesOf(booted, async () => (answer = await work()));
    expect([200, 201]).toContain(answer?.status);
    return queries.flatMap((sql) => (sql.includes(TABLES.signInNames) ? [/^\w+/.exec(sql)?.[0] ?? sql] : []));
  };

  it('one statement for a creation, two for a change of names, none for another change', async () => {
    let id = '';
    expect(await claimsOf(async () => {
      const answer = await create('costs', 'costs@example.com');
      id = answer.body.id;
      return answer;
    })).toEqual(['insert']);
    const patch = (value: object) => () => idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value }] });
    expect(await claimsOf(patch({ displayName: 'Costs', active: false }))).toEqual([]);
    expect(await claimsOf(() => replace(id, 'costs-more', 'costs-more@example.com'))).toEqual(['delete', 'insert']);
  });

  it('an address that was shared before is no obstacle to a change of something else', async () => {
    const shares = await createInbound(booted, { name: 'Shares no more', policies: { sharedEmail: 'allow' } });
    await create('shares-1', 'shares@example.com', shares);
    const { body } = await create('shares-2', 'shares@example.com', shares);
    const { status } = await adminApi(booted, 'put', `/connections/${shares.connection.id}`, { policies: { sharedEmail: 'refuse' } });
    expect(status).toBe(200);
    expect((await create('shares-3', 'shares@example.com', shares)).status).toBe(409);
    expect((await replace(body.id, 'shares-renamed', 'shares@example.com', shares)).status).toBe(200);
    expect([await holder('shares-2'), await holder('shares-renamed')]).toEqual([undefined, expect.any(Number)]);
  });
});

describe('accounts that Strapi makes', () => {
  const users = () => booted.strapi.db.query('plugin::users-permissions.user');

  it('hold what is free, are never refused, and let go of it', async () => {
    await create('scim-first', 'scim-first@example.com');
    const taken = await users().create({ data: { username: 'strapi-made', email: 'scim-first@example.com', provider: 'local' } });
    expect([await holder('strapi-made'), (await holder('scim-first@example.com')) === taken.id]).toEqual([taken.id, false]);
    await users().update({ where: { id: taken.id }, data: { username: 'Strapi-Renamed', email: 'renamed@example.com' } });
    expect([await holder('strapi-made'), await holder('strapi-renamed'), await holder('renamed@example.com')]).toEqual([undefined, taken.id, taken.id]);
    await users().delete({ where: { id: taken.id } });
    expect([await holder('strapi-renamed'), await holder('renamed@example.com')]).toEqual([undefined, undefined]);
  });

  it('of a site that had no claims yet get them at the next boot', async () => {
    const made = await users().create({ data: { username: 'from-before', email: 'from-before@example.com', provider: 'local' } });
    const { connection } = booted.strapi.db;
    await connection(TABLES.signInNames).delete();
    await connection(TABLES.identities).whereNotNull('account_id').update({ indexed: 1 });
    const { database } = booted;
    await booted.stop({ keepDatabase: true });
    booted = await bootStrapi({ database, listen: true });
    expect([await eventually(() => holder('from-before'), isHeld), await holder('from-before@example.com')]).toEqual([made.id, made.id]);
  });
});
