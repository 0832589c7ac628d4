import type { ListQuery } from '../../../server/src/ports/scim-service';
import { ScimError } from '../../../server/src/scim/messages/error';
import type { ScimHttpRequest } from '../../../server/src/scim/server/http';
import { ENTERPRISE_USER_URN, USER_URN } from '../../../server/src/scim/schema/urns';
import { contextOf, MemoryService, serverOver, STRAPI_URN } from './fake-service';

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
type Query = ScimHttpRequest['query'];

async function filled(users: number, groups: number, ctx = contextOf()) {
  const service = new MemoryService();
  const { send, ...rest } = serverOver(service, ctx);
  const maker = serverOver(service).send;
  for (let index = 1; index <= users; index += 1) await maker('POST', '/Users', { body: { userName: `user${index}` } });
  for (let index = 1; index <= groups; index += 1) await maker('POST', '/Groups', { body: { displayName: `group${index}` } });
  service.calls.length = 0;
  return { service, send, ...rest };
}

const queryOf = async (query: Query, path = '/Users'): Promise<ListQuery> => {
  const { send, service } = await filled(0, 0);
  expect((await send('GET', path, { query })).status).toBe(200);
  return service.calls[0]?.[2] as ListQuery;
};
const refused = async (query: Query, path = '/Users') => (await (await filled(1, 1)).send('GET', path, { query }));

describe('sorting', () => {
  const path = (attribute: string, subAttribute: string | null = null, schema: string | null = null) => ({ schema, attribute, subAttribute });

  it.each<[string, object]>([
    ['USERNAME', path('userName')],
    ['name.FAMILYNAME', path('name', 'familyName')],
    [`${USER_URN}:title`, path('title')],
    [`${ENTERPRISE_USER_URN}:department`, path('department', null, ENTERPRISE_USER_URN)],
    [`${ENTERPRISE_USER_URN}:manager`, path('manager', 'value', ENTERPRISE_USER_URN)],
    ['emails', path('emails', 'value')],
    ['emails.type', path('emails', 'type')],
    ['meta.lastModified', path('meta', 'lastModified')],
    ['id', path('id')],
  ])('by %s, in the spelling of the schema', async (sortBy, expected) => {
    expect((await queryOf({ sortBy })).sort).toEqual({ path: expected, descending: false });
    expect((await queryOf({ sortBy, sortOrder: 'Descending' })).sort).toEqual({ path: expected, descending: true });
  });

  it('needs sortBy: sortOrder alone says nothing', async () => {
    expect((await queryOf({ sortOrder: 'descending' })).sort).toBeNull();
    expect((await queryOf({ sortBy: ' ' })).sort).toBeNull();
  });

  it.each<[Query, string]>([
    [{ sortBy: 'nonsense' }, 'invalidPath'],
    [{ sortBy: 'a b' }, 'invalidPath'],
    [{ sortBy: 'name' }, 'invalidPath'],
    [{ sortBy: 'name.nonsense' }, 'invalidPath'],
    [{ sortBy: ENTERPRISE_USER_URN }, 'invalidPath'],
    [{ sortBy: '__proto__' }, 'invalidPath'],
    [{ sortBy: 'META.Version' }, 'invalidPath'],
    [{ sortBy: 'userName', sortOrder: 'up' }, 'invalidValue'],
  ])('refuses %j with %s', async (query, scimType) => expect(await refused(query)).toMatchObject({ status: 400, body: { scimType } }));
});

describe('paging by cursor (RFC 9865)', () => {
  it('gives every resource once; the last page has no cursor, and no page a startIndex', async () => {
    const { send } = await filled(5, 0);
    const names: string[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const body = (await send('GET', '/Users', { query: { cursor, count: '2' } })).body as { nextCursor?: string; totalResults: number; Resources: { userName: string }[] };
      expect(body).toMatchObject({ totalResults: 5 });
      expect(body).not.toHaveProperty('startIndex');
      names.push(...body.Resources.map(({ userName }) => userName));
      cursor = body.nextCursor;
    }
    expect(names).toEqual(['user1', 'user2', 'user3', 'user4', 'user5']);
  });

  it('is asked for by the parameter alone; without it pages go by index', async () => {
    expect(await queryOf({ CURSOR: '' })).toMatchObject({ cursor: '', count: 100 });
    expect(await queryOf({ cursor: 'abc-._~', count: '500' })).toMatchObject({ cursor: 'abc-._~', count: 200 });
    expect(await queryOf({})).toMatchObject({ cursor: null });
    const { send } = await filled(1, 0);
    expect((await send('GET', '/Users')).body).toMatchObject({ startIndex: 1 });
    expect((await send('GET', '/Users')).body).not.toHaveProperty('nextCursor');
    expect((await send('GET', '/ServiceProviderConfig')).body).toMatchObject({
      pagination: { cursor: true, index: true, defaultPaginationMethod: 'index', defaultPageSize: 100, maxPageSize: 200 },
    });
  });

  it.each<[Query, string]>([
    [{ cursor: 'a b' }, 'invalidCursor'],
    [{ cursor: 'x'.repeat(3_000) }, 'invalidCursor'],
    [{ cursor: '', count: '0' }, 'invalidCount'],
    [{ cursor: '', count: '-1' }, 'invalidCount'],
    [{ cursor: '', count: 'ten' }, 'invalidCount'],
    [{ cursor: '', startIndex: '1' }, 'invalidValue'],
  ])('refuses %j with %s', async (query, scimType) => expect(await refused(query)).toMatchObject({ status: 400, body: { scimType } }));

  it('passes on what the service says of a cursor', async () => {
    const { service, send } = await filled(1, 0);
    service.list = () => Promise.reject(new ScimError(400, 'Start again.', 'expiredCursor'));
    expect(await send('GET', '/Users', { query: { cursor: 'old' } })).toMatchObject({ status: 400, body: { scimType: 'expiredCursor', detail: 'Start again.' } });
  });
});

describe('filters', () => {
  it.each<Query>([
    { filter: ['userName eq "a"', 'userName eq "b"'] },
    { 'filter[userName]': 'a' },
    { 'Filter[a]': 'b', filter: 'userName eq "a"' },
    { filter: 'userName eq "a"', FILTER: 'userName eq "b"' },
  ])('%j is refused: ignoring it would answer with everybody', async (query) => {
    for (const path of ['/Users', '/']) expect(await refused(query, path)).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
  });

  it.each(['active co "t"', 'active sw "TRUE"', 'emails[primary ew "e"]', 'emails.primary co ""', 'active gt true', 'active gt "true"', 'x509Certificates.value lt "a"', 'x509Certificates ge "a"', 'emails[primary ge "x"]', 'emails[type eq "work"].primary le "x"', `not (${USER_URN}:active lt "x")`])(
    '%s is refused: the type has no order',
    async (filter) => expect(await refused({ filter })).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } })
  );

  it.each(['meta.version eq "W/\\"1\\""', 'META.Version pr', 'active eq true and not (meta.version ne "x")', 'meta[version sw "W"]', 'meta[created pr].version pr', `${USER_URN}:meta.version pr`])(
    'do not find users by version, which tells of their groups too: %s',
    async (filter) => {
      const error = { status: 400, body: { scimType: 'invalidFilter', detail: expect.stringMatching(/version".*If-Match/i) } };
      expect(await refused({ filter })).toMatchObject(error);
      expect(await refused({ filter }, '/')).toMatchObject(error);
    }
  );

  it('find groups by version', async () => {
    expect(await refused({ filter: 'meta.version pr', sortBy: 'meta.version' }, '/Groups')).toMatchObject({ status: 200, body: { totalResults: 1 } });
  });

  it('may name what no schema has, unless the connection is strict', async () => {
    const strict = await filled(1, 1, contextOf({ strict: true }));
    for (const filter of ['shoeSize eq 5', 'emails.nonsense eq "x"', 'emails[nonsense eq "x"]', 'name[givenName eq "x" and nonsense pr]', 'emails[type eq "work"].nonsense pr', 'not (urn:x:y:z pr)']) {
      expect(await (await filled(1, 0)).send('GET', '/Users', { query: { filter } })).toMatchObject({ status: 200 });
      expect(await strict.send('GET', '/Users', { query: { filter } })).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
    }
    for (const filter of ['emails[type eq "work" and value eq "x"]', `${ENTERPRISE_USER_URN}:manager.value pr`, 'meta.created gt "2026-01-01T00:00:00Z"']) {
      expect(await strict.send('GET', '/Users', { query: { filter } })).toMatchObject({ status: 200 });
    }
    // At the root an attribute of either type will do.
    expect(await strict.send('GET', '/', { query: { filter: 'userName pr or members pr' } })).toMatchObject({ status: 200 });
  });

  it.each(['active eq "true"', 'active ne "x"', 'active eq 1', 'emails[primary eq "True"]', 'not (emails.primary eq "false")', 'emails[type eq "work"].value eq "x"', 'emails[type eq "work"].value pr'])(
    'tolerant: %s is what some providers send; strict: it is refused',
    async (filter) => {
      expect(await refused({ filter })).toMatchObject({ status: 200 });
      expect(await (await filled(1, 0, contextOf({ strict: true }))).send('GET', '/Users', { query: { filter } })).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
    }
  );

  const NO_TIMES = [
    'meta.created gt "nodate"', 'meta.lastModified eq "nodate"', 'not (META.created ne "")', 'meta[created le "nodate 5"]', 'userName pr and meta.created lt 5', 'meta.created eq true',
    'meta[lastModified pr].created ge "2026-02-31T99:00:00Z"', `${STRAPI_URN}:joined eq "soon"`, 'meta.created co "2026"', 'meta[created sw "2026"]', 'meta.created gt "10:00"',
  ];
  it.each(NO_TIMES)('%s is refused: a time is compared with a time', async (filter) => {
    for (const strict of [false, true]) {
      const { send } = await filled(1, 1, contextOf({ strict }));
      for (const path of ['/Users', '/']) expect(await send('GET', path, { query: { filter } })).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
      for (const path of ['/Users/.search', '/.search']) expect(await send('POST', path, { body: { schemas: [SEARCH], filter } })).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
    }
  });

  it('take every spelling of a time, on a strict connection that of the RFC', async () => {
    const strict = await filled(1, 1, contextOf({ strict: true }));
    for (const [time, isExact] of [['2026-01-31T12:00:00Z', true], ['2026-01-31T12:00:00.123+01:00', true], ['2026-01-31T12:00:00', true], ['2026-01-31', false], ['2026-01-31 12:00', false]] as const) {
      const filter = `meta.created gt "${time}" or ${STRAPI_URN}:joined eq null`;
      expect(await refused({ filter })).toMatchObject({ status: 200 });
      expect(await strict.send('GET', '/Users', { query: { filter } })).toMatchObject({ status: isExact ? 200 : 400 });
    }
  });
});

it('count=0 answers the number of resources and none of them', async () => {
  const { send } = await filled(3, 2);
  for (const [path, totalResults] of [['/Users', 3], ['/Groups', 2], ['/', 5]] as const) {
    expect((await send('GET', path, { query: { count: '0' } })).body).toMatchObject({ totalResults, itemsPerPage: 0, Resources: [] });
  }
});

describe('POST .search (RFC 7644 section 3.4.3)', () => {
  it('a filter longer than any text may be is an invalid filter', async () => {
    const filter = Array.from({ length: 10_000 }, (_, index) => `title eq "${index}"`).join(' or ');
    for (const path of ['/Users/.search', '/.search']) expect(await (await filled(1, 1)).send('POST', path, { body: { filter } })).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
  });

  it('is the GET its body describes, for one type and for all', async () => {
    const { send, service } = await filled(3, 2);
    const body = { schemas: [SEARCH], FILTER: 'userName sw "user"', sortBy: 'userName', sortOrder: 'descending', startIndex: 2, count: 1, attributes: ['userName'] };
    expect(await send('POST', '/Users/.search', { body })).toMatchObject({ status: 200, body: { totalResults: 3, startIndex: 2, itemsPerPage: 1, Resources: [{ id: 'u2', userName: 'user2' }] } });
    expect(service.calls[0]?.[2]).toMatchObject({ sort: { descending: true }, startIndex: 2, count: 1 });
    expect((await send('POST', '/Groups/.search', { body: { excludedAttributes: 'meta,displayName', count: '1' } })).body).toMatchObject({ totalResults: 2, Resources: [{ schemas: expect.anything(), id: 'g4' }] });
    expect((await send('POST', '/.search', { body: { schemas: [SEARCH], filter: 'meta.resourceType eq "Group"' } })).body).toMatchObject({ totalResults: 2 });
    expect((await send('POST', '/Users/.search', { body: { cursor: '', count: 2 } })).body).toMatchObject({ nextCursor: 'c2' });
  });

  it.each([
    [undefined, 'invalidSyntax'],
    [[], 'invalidSyntax'],
    [{ filter: 5 }, 'invalidValue'],
    [{ filter: { a: 'b' } }, 'invalidValue'],
    [{ attributes: ['userName', 5] }, 'invalidValue'],
    [{ count: true }, 'invalidValue'],
    [{ count: 1.5 }, 'invalidValue'],
    [{ startIndex: 'x' }, 'invalidValue'],
    [{ filter: 'userName eq' }, 'invalidFilter'],
    [{ filter: 'a\u0000' }, 'invalidValue'],
  ])('refuses %j with %s', async (body, scimType) => {
    const { send } = await filled(1, 0);
    for (const path of ['/.search', '/Users/.search']) expect(await send('POST', path, { body })).toMatchObject({ status: 400, body: { scimType } });
  });
});

describe('queries at the root (RFC 7644 section 3.4.2.1)', () => {
  it('page over users, then groups, without gap or overlap', async () => {
    const { send } = await filled(3, 4);
    for (const count of [1, 2, 3, 5, 7, 10]) {
      const ids: string[] = [];
      for (let startIndex = 1; startIndex <= 7; startIndex += count) {
        const { body } = await send('GET', '/', { query: { startIndex: String(startIndex), count: String(count) } });
        const page = body as { totalResults: number; startIndex: number; itemsPerPage: number; Resources: { id: string; meta: { location: string } }[] };
        expect(page).toMatchObject({ totalResults: 7, startIndex, itemsPerPage: Math.min(count, 8 - startIndex) });
        ids.push(...page.Resources.map(({ id }) => id));
      }
      expect(ids).toEqual(['u1', 'u2', 'u3', 'g4', 'g5', 'g6', 'g7']);
    }
    expect((await send('GET', '/', { query: { startIndex: '8' } })).body).toMatchObject({ totalResults: 7, Resources: [] });
  });

  it('do not ask a type that the filter leaves out', async () => {
    const { send, service } = await filled(2, 2);
    for (const [filter, types] of [
      ['meta.resourceType eq "User"', ['User']],
      ['displayName pr and META.RESOURCETYPE eq "Group"', ['Group']],
      ['meta.resourceType eq "User" or displayName eq "group1"', ['User', 'Group']],
      ['meta.resourceType eq "User" and meta.resourceType eq "Group"', []],
      ['not (meta.resourceType eq "User")', ['User', 'Group']],
    ] as const) {
      service.calls.length = 0;
      const { body } = await send('GET', '/', { query: { filter } });
      expect(service.calls.map((call) => call[1])).toEqual(types);
      const expected = ['user1', 'user2'].length * Number((types as readonly string[]).includes('User') && !filter.startsWith('not'));
      expect((body as { Resources: { userName?: string }[] }).Resources.filter(({ userName }) => userName !== undefined)).toHaveLength(expected);
    }
  });

  it.each<[Query, number]>([[{ sortBy: 'id' }, 501], [{ cursor: '' }, 501]])('%j is %d: it would not be exact', async (query, status) => {
    expect(await refused(query, '/')).toMatchObject({ status });
    expect(await (await filled(1, 1)).send('POST', '/.search', { body: query })).toMatchObject({ status });
  });
});
