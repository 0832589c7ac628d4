/**
 * Searches in the database answer what the reference evaluator says of the resources as a connection sees them: generated
 * users, filters and orders, on every database. Ten times as many with TEST_FULL=1.
 */
import fc from 'fast-check';
import type { Connection } from '../../server/src/domain/connection/connection';
import type { Resource } from '../../server/src/domain/resource/resource';
import { TABLES } from '../../server/src/models';
import type { ListQuery } from '../../server/src/ports/scim-service';
import type { Filter } from '../../server/src/scim/filter/ast';
import { matches } from '../../server/src/scim/filter/evaluate';
import { formatFilter } from '../../server/src/scim/filter/format';
import { parseFilter } from '../../server/src/scim/filter/parser';
import { compareSortKeys, sortKeyOf } from '../../server/src/scim/filter/sort';
import { ScimError } from '../../server/src/scim/messages/error';
import { RESOURCE_TYPES, type ResourceTypeDefinition } from '../../server/src/scim/schema/resource-types';
import { LiveCounts } from '../../server/src/strapi/search/live-counts';
import { SqlResourceSearch } from '../../server/src/strapi/search/resource-search';
import { SqlConnectionStore } from '../../server/src/strapi/connection-store';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { createInbound, type Inbound } from '../helpers/connections';
import { MemoryResourceSearch } from '../helpers/memory/search';
import { filterArbitrary, sortArbitrary, USER_TYPE, userArbitrary, TEXTS } from '../helpers/search-data';
import { searchParts, type SearchParts } from '../helpers/search-parts';
import { sizeOf } from '../helpers/size';

const BASE = 'https://cms.example/scim/v2';
const RUNS = sizeOf('FILTERS', 300, 3000);
const SEED = Number(process.env.FILTER_SEED ?? 20_260_521);

let booted: BootedStrapi;
let parts: SearchParts;
let connections: Connection[];
let known: string[];
let nested: string[];

/** Groups in groups: deeper than is followed, with a way around, in a circle. */
async function nest(idp: Inbound | undefined, ids: string[]): Promise<void> {
  const group = async (displayName: string, members: string[]): Promise<string> => {
    const answer = await idp?.scim('POST', '/Groups', { displayName, members: members.map((value) => ({ value })) });
    if (answer?.status !== 201) throw new Error(JSON.stringify(answer?.body));
    return answer.body.id as string;
  };
  const [low = '', both = '', high = '', round = ''] = ids.slice(11, 15);
  const chain = [await group('Level 0', [low, both])];
  for (let level = 1; level <= 12; level += 1) chain.push(await group(`Level ${level}`, [...chain.slice(-1), ...(level === 4 ? [both] : []), ...(level === 7 ? [high] : [])]));
  await group('Top', [chain[2] ?? '', chain[3] ?? '']);
  const first = await group('Circle A', [round]);
  const second = await group('Circle B', [first, both]);
  await idp?.scim('PATCH', `/Groups/${first}`, { Operations: [{ op: 'add', path: 'members', value: [{ value: second }] }] });
  nested = [...chain, first, second];
}

/** Users of two connections and of nobody, groups with members of both kinds. */
async function populate(): Promise<Inbound[]> {
  const idps = [await createInbound(booted, { name: 'First' }), await createInbound(booted, { name: 'Second' })];
  const users = fc.sample(userArbitrary, { numRuns: 70, seed: SEED });
  const ids: string[] = [];
  for (const [index, user] of users.entries()) {
    const idp = idps[index % 5 === 0 ? 1 : 0];
    const name = `${TEXTS[index % TEXTS.length]?.slice(0, 40).trim()}-${index}`;
    const sent = { ...user, userName: name, ...(index % 3 === 0 ? {} : { externalId: `${index % 2 ? 'E' : 'e'}-${index}` }) };
    if (index % 7 === 6) {
      await booted.strapi.plugin('users-permissions').service('user').add({ username: name, email: `own-${index}@x.example`, provider: 'local', blocked: index % 2 === 0 });
      continue;
    }
    const answer = await idp?.scim('POST', '/Users', sent);
    // Two generated users may have one address: the second goes without.
    const made = answer?.status === 409 ? await idp?.scim('POST', '/Users', { ...sent, emails: undefined }) : answer;
    if (made?.status !== 201) throw new Error(JSON.stringify([made?.status, made?.body, sent.emails]));
    ids.push(made.body.id);
  }
  for (let index = 0; index < 12; index += 1) {
    const idp = idps[index % 4 === 0 ? 1 : 0];
    const members = index % 3 === 0 ? [] : ids.slice(index, index + index).map((value) => ({ value }));
    const answer = await idp?.scim('POST', '/Groups', { displayName: TEXTS[index * 3]?.slice(0, 40).trim() || 'x', members, ...(index % 2 ? { externalId: `g-${index}`, cost: index, note: TEXTS[index] } : {}) });
    if (answer?.status !== 201) throw new Error(JSON.stringify(answer?.body));
    ids.push(answer.body.id);
  }
  const [group, outer] = ids.slice(-2);
  await idps[0]?.scim('PATCH', `/Groups/${outer}`, { Operations: [{ op: 'add', path: 'members', value: [{ value: group }] }] });
  // What was written is written again.
  for (const [index, id] of ids.slice(10, 30).entries()) {
    for (const idp of idps) {
      await idp.scim('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value: { nickName: TEXTS[index + 3], 'name.givenName': TEXTS[index], active: index % 2 === 0 } }, { op: 'remove', path: index % 3 ? 'title' : 'emails' }] });
    }
  }
  await idps[0]?.scim('PATCH', `/Groups/${ids.at(-3)}`, { Operations: [{ op: 'replace', value: { displayName: 'Renamed', note: 'changed' } }] });
  await nest(idps[0], ids);
  // Strapi changes and deletes accounts that connections are linked to.
  const rows = await booted.strapi.db.query('plugin::users-permissions.user').findMany({ orderBy: { id: 'asc' } });
  await booted.strapi.plugin('users-permissions').service('user').edit(rows[1].id, { username: 'Renamed in Strapi', blocked: true });
  await booted.strapi.plugin('users-permissions').service('user').edit(rows[2].id, { email: 'changed@x.example' });
  await booted.strapi.plugin('users-permissions').service('user').remove({ id: rows[3].id });
  await idps[0]?.scim('DELETE', `/Users/${ids[5]}`);
  await booted.strapi.db.connection(TABLES.identities).where({ scim_id: ids[8] }).update({ state: 'departed' });
  known = [...ids.slice(0, 6), ...ids.slice(-3), `${BASE}/Users/${ids[1]}`, `${BASE}/Groups/${ids.at(-1)}`, 'e-4', 'E-1', 'g-1', 'changed@x.example', 'renamed in strapi', '3-'];
  return idps;
}

beforeAll(async () => {
  booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { worker: false, sweepSchedule: '0 0 1 1 *' } } } } });
  await populate();
  parts = searchParts(booted.strapi, USER_TYPE);
  const all = await new SqlConnectionStore(parts.database, parts.clock).all();
  connections = all.flatMap((connection) => [connection, { ...connection, policies: { ...connection.policies, visibility: 'provisioned' } }]);
});
afterAll(() => booted.stop());

const query = (fields: Partial<ListQuery>): ListQuery => ({ filter: null, sort: null, cursor: null, startIndex: 1, count: 1_000, withoutMembers: false, ...fields });

const types: [string, ResourceTypeDefinition, boolean][] = [
  // First as requests and Strapi's own changes left the index.
  ['User', RESOURCE_TYPES.User, false],
  ['Group', RESOURCE_TYPES.Group, false],
  ['User', USER_TYPE, true],
];

function expected(views: Resource[], { filter, sort }: Pick<ListQuery, 'filter' | 'sort'>, type: ResourceTypeDefinition): string[] {
  const found = views.filter((view) => filter === null || matches(filter, view, type));
  if (sort !== null) found.sort((a, b) => compareSortKeys(sortKeyOf(a, sort, type), sortKeyOf(b, sort, type), sort.descending));
  return found.map((view) => String(view.id));
}

/** Refused on purpose: a point in time has no beginning or end. */
const isTimeText = (error: unknown): boolean => error instanceof ScimError && error.message.includes('is a point in time');

describe.each(types)('%s', (name, type, isSitesOwn) => {
  let views: Resource[][];
  beforeAll(async () => {
    if (isSitesOwn) await parts.reindex();
    const reference = new MemoryResourceSearch(parts);
    views = await Promise.all(connections.map((connection) => reference.matching(connection, type, { filter: null, sort: null }, BASE)));
  });

  it('is found by generated filters, in generated orders', async () => {
    expect(views.every((list) => list.length > 2)).toBe(true);
    const kind = name === 'User' ? 'User' : 'Group';
    const cases = fc.sample(fc.tuple(filterArbitrary(kind, known), sortArbitrary(kind), fc.nat()), { numRuns: RUNS, seed: SEED + Number(isSitesOwn) });
    let hits = 0;
    for (const [filter, sort, pick] of cases) {
      const connection = connections[pick % connections.length];
      const seen = views[pick % connections.length];
      if (connection === undefined || seen === undefined) throw new Error('No connection.');
      const written = formatFilter(filter);
      const wanted = expected(seen, { filter: parseFilter(written), sort }, type);
      try {
        const search = pick % 3 === 0 ? parts.walkingSearch : parts.search;
        const page = await search.find(connection, type, query({ filter: parseFilter(written), sort }), BASE);
        expect({ written, sort, pick: pick % connections.length, ids: page.ids, total: page.totalResults }).toEqual({ written, sort, pick: pick % connections.length, ids: wanted, total: wanted.length });
      } catch (error) {
        if (!isTimeText(error)) throw error;
      }
      if (wanted.length > 0 && wanted.length < seen.length) hits += 1;
    }
    // Filters that find all or nothing prove little.
    expect(hits).toBeGreaterThan(RUNS / 8);
  });

  it('comes in pages, by index and by cursor, that together are the list', async () => {
    const kind = name === 'User' ? 'User' : 'Group';
    const cases = fc.sample(fc.tuple(fc.option(filterArbitrary(kind, known), { nil: null, freq: 2 }), sortArbitrary(kind), fc.nat()), { numRuns: RUNS / 10, seed: SEED + 1 });
    for (const [filter, sort, pick] of cases) {
      const connection = connections[pick % connections.length];
      if (connection === undefined) throw new Error('No connection.');
      const wanted = expected(views[pick % connections.length] ?? [], { filter, sort }, type);
      const count = (pick % 6) + 1;
      const context = { filter: filter && formatFilter(filter), sort, count };
      const search = pick % 3 === 0 ? parts.walkingSearch : parts.search;
      try {
        const byIndex: string[] = [];
        for (let startIndex = 1; startIndex <= wanted.length + 1; startIndex += count) {
          const page = await search.find(connection, type, query({ filter, sort, startIndex, count }), BASE);
          expect({ context, total: page.totalResults }).toEqual({ context, total: wanted.length });
          byIndex.push(...page.ids);
        }
        expect({ context, byIndex }).toEqual({ context, byIndex: wanted });
        const byCursor: string[] = [];
        for (let cursor: string | null = ''; cursor !== null; ) {
          const page: Awaited<ReturnType<typeof search.find>> = await search.find(connection, type, query({ filter, sort, cursor, count }), BASE);
          expect({ context, total: page.totalResults }).toEqual({ context, total: wanted.length });
          byCursor.push(...page.ids);
          cursor = page.nextCursor;
        }
        expect({ context, byCursor }).toEqual({ context, byCursor: wanted });
      } catch (error) {
        if (!isTimeText(error)) throw error;
      }
    }
  });
});

describe('groups in groups', () => {
  const about = (id: string): string[] => [`value eq "${id}"`, `value eq "${id}" and type eq "direct"`, `value eq "${id}" and type eq "indirect"`, `type ne "direct" or $ref eq "${BASE}/Groups/${id}"`];
  const types = ['type eq "indirect"', 'type eq "direct"', 'type ne "direct"', 'type pr', 'type eq "indirect" and display co "l 1"', 'type eq "direct" and display sw "level"', 'display ew "11"', 'display gt "level 5"'];

  it('are found as the user shows them: from above and below, ten levels, direct before indirect', async () => {
    const reference = new MemoryResourceSearch(parts);
    const ends = [0, 4, 10, 11, 12, 14].map((index) => nested[index] ?? '');
    const elements = [...ends.flatMap(about), ...types].map((body) => `groups[${body}]`);
    const filters = [...elements, ...elements.map((is) => `not (${is})`), ...ends.map((id) => `groups.value ne "${id}"`), 'groups pr', 'not (groups pr)', 'groups.type ne "indirect"', 'groups.display ne "level 9"', 'groups[type eq "indirect"].display eq "level 3"'];
    const [connection] = connections;
    if (connection === undefined) throw new Error('No connection.');
    const views = await reference.matching(connection, USER_TYPE, { filter: null, sort: null }, BASE);
    for (const written of filters) {
      const filter = parseFilter(written);
      const { ids } = await parts.search.find(connection, USER_TYPE, query({ filter }), BASE);
      expect({ written, ids }).toEqual({ written, ids: expected(views, { filter, sort: null }, USER_TYPE) });
    }
    const found = await Promise.all(nested.map(async (id) => (await parts.search.find(connection, USER_TYPE, query({ filter: parseFilter(`groups.value eq "${id}"`) }), BASE)).totalResults));
    // The lowest is not followed above the tenth; who is in the fourth directly is; who is in the seventh comes with it.
    expect(found).toEqual([2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 2, 2, 2, 2]);
  });
});

describe('what must not be found', () => {
  const find = (text: string, fields: Partial<ListQuery> = {}) => {
    const [connection] = connections;
    if (connection === undefined) throw new Error('No connection.');
    return parts.search.find(connection, USER_TYPE, query({ filter: text === '' ? null : parseFilter(text), ...fields }), BASE);
  };

  it.each([
    ["userName eq \"' or 1=1 --\""], ['userName sw "%%"'], ['nickName eq "a_"'], ['nickName co "%%"'], ['title eq "\\\\\\\\%"'], ['userName eq "x\'); drop table provisioning_values; --"'],
    ['unknown[a eq "b"].c eq "?"'], ['id eq "0"'], ['externalId eq "??"'],
  ])('by %s', async (text) => {
    expect(await find(text)).toMatchObject({ ids: [], totalResults: 0 });
  });

  it('by the version of a user, which is in no column', async () => {
    for (const text of ['meta.version eq "W/1"', 'meta[version sw "W"]', 'not (meta.version ne "x")']) await expect(find(text)).rejects.toMatchObject({ status: 400, scimType: 'invalidFilter' });
  });

  it('by a hundred comparisons, which are the most', async () => {
    const terms = (count: number, word: string): string => Array.from({ length: count }, (_, index) => `nickName co "zz-${index}"`).join(` ${word} `);
    // A database under load may run out of time: then it says so.
    const found = (filter: string): Promise<unknown> => find(filter).then(({ ids }) => ids, (error: ScimError) => error.scimType);
    for (const word of ['or', 'and']) expect([[], 'tooMany']).toContainEqual(await found(terms(100, word)));
    for (const count of [101, 300]) expect(() => parseFilter(terms(count, 'or'))).toThrow(expect.objectContaining({ scimType: 'tooMany' }));
    expect(() => parseFilter(terms(10_000, 'or'))).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));
  });

  it('by the deepest filter, and none is deeper', async () => {
    const nested = (depth: number): string => `${'not ('.repeat(depth)}nickName pr${')'.repeat(depth)}`;
    const [odd, even] = [await find(nested(31)), await find(nested(30))];
    expect(odd.totalResults + even.totalResults).toBe((await find('')).totalResults);
    expect(() => parseFilter(nested(32))).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));
  });

  it('by a text of eight kilobytes', async () => {
    const long = 'x'.repeat(8_150);
    for (const operator of ['eq', 'co', 'sw', 'ew']) expect((await find(`nickName ${operator} "${long}"`)).ids).toEqual([]);
    expect(() => parseFilter(`nickName eq "${'x'.repeat(8_192)}"`)).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));
  });

  it('with the cursor of another query, or none that this server made', async () => {
    const { nextCursor } = await find('', { cursor: '', count: 2 });
    expect(nextCursor).not.toBeNull();
    const cursor = String(nextCursor);
    for (const wrong of ['x', `${cursor}x`, `x${cursor}`, cursor.split('.')[0], `${cursor}.`, '.', 'AAAA.BBBB']) {
      await expect(find('', { cursor: String(wrong), count: 2 })).rejects.toMatchObject({ status: 400, scimType: 'invalidCursor' });
    }
    await expect(find('active eq true', { cursor, count: 2 })).rejects.toMatchObject({ scimType: 'invalidCursor' });
    await expect(find('', { cursor, count: 2, sort: { path: { schema: null, attribute: 'title', subAttribute: null }, descending: false } })).rejects.toMatchObject({ scimType: 'invalidCursor' });
    expect((await find('', { cursor, count: 5 })).ids).toHaveLength(5);
  });
});

it('gives up with tooMany where a search would take too long', async () => {
  const [connection] = connections;
  if (connection === undefined) throw new Error('No connection.');
  const isSqlite = booted.database.client === 'sqlite';
  // A site of that size cannot be made here: what it is told of it decides.
  const counts = Object.assign(new LiveCounts(parts.database, parts.clock), { of: async () => ({ total: 300_001, lastId: 1_000_000 }) });
  const hurried = new SqlResourceSearch(parts.database, counts, { timeLimitMs: isSqlite ? 1_000 : 1 });
  const find = (filter: string, sort: ListQuery['sort'] = null) => hurried.find(connection, USER_TYPE, query({ filter: filter === '' ? null : parseFilter(filter), sort }), BASE);
  const slow = Array.from({ length: 90 }, (_, index) => `nickName co "zz-${index}"`).join(' or ');
  await expect(find(slow)).rejects.toMatchObject({ status: 400, scimType: 'tooMany' });
  if (isSqlite) await expect(find('', { path: { schema: null, attribute: 'title', subAttribute: null }, descending: false })).rejects.toMatchObject({ scimType: 'tooMany' });
  // What an index answers is not hurried.
  expect((await find('userName eq "renamed in strapi"')).ids).toHaveLength(1);
  // And nothing of the limit stays with the connection to the database.
  expect((await parts.search.find(connection, USER_TYPE, query({ filter: parseFilter('nickName pr') }), BASE)).totalResults).toBeGreaterThan(5);
});

it('keeps no row of what is gone', async () => {
  const rows = await booted.strapi.db.connection(TABLES.values).where({ object_type: 'User' }).distinct('object_id');
  const living = await booted.strapi.db.connection(TABLES.identities).whereNotNull('account_id').select('id');
  expect(rows.map((row: { object_id: number }) => row.object_id).sort()).toEqual(living.map((row: { id: number }) => row.id).sort());
});

it('is not written as a filter that means something else', () => {
  const filters = fc.sample(filterArbitrary('User', known), { numRuns: 200, seed: SEED });
  for (const filter of filters as Filter[]) expect(formatFilter(parseFilter(formatFilter(filter)))).toBe(formatFilter(filter));
});
