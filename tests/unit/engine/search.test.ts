/** Lists: what an index answers, what is scanned, and pages. */
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { equalityTerms } from '../../../server/src/engine/receive/indexed-terms';
import { scan } from '../../../server/src/engine/receive/scan';
import { parseFilter } from '../../../server/src/scim/filter/parser';
import { createWorld, type World } from '../../helpers/memory/world';

let world: World;
let ctx: ScimRequestContext;

beforeEach(() => {
  world = createWorld();
  ({ ctx } = world.addProvider());
});

const list = (type: 'User' | 'Group', filter: string | null, startIndex = 1, count = 100) =>
  world.service.list(ctx, type, { filter: filter === null ? null : parseFilter(filter), startIndex, count, withoutMembers: false });
const names = (resources: Resource[]): unknown[] => resources.map((resource) => resource.userName ?? resource.displayName);
const found = async (type: 'User' | 'Group', filter: string | null): Promise<unknown[]> => {
  const { totalResults, resources } = await list(type, filter);
  expect(totalResults).toBe(resources.length);
  return names(resources);
};

describe('users', () => {
  let ada: string;
  beforeEach(async () => {
    const emails = [{ value: 'ada@x.example', primary: true, type: 'work' }, { value: 'home@x.example', type: 'home' }];
    ada = String((await world.service.create(ctx, 'User', { schemas: [], userName: 'Ada', externalId: 'e-1', title: 'Boss', emails })).id);
    for (const userName of ['bob', 'eve']) await world.endUsers.addByHand({ userName, email: `${userName}@x.example` });
    world.endUsers.pagesRead = 0;
  });

  it.each([
    ['userName eq "ADA"'],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada"'],
    ['externalId eq "e-1"'],
    ['emails.value eq "ADA@x.example"'],
    ['emails eq "ada@x.example"'],
    ['emails[type eq "work"].value eq "ada@x.example"'],
    ['emails[value eq "ada@x.example" and type eq "work"]'],
    ['userName eq "ada" and active eq true'],
    ['title eq "Boss" and userName eq "ada"'],
  ])('are found by an index: %s', async (filter) => {
    expect(await found('User', filter)).toEqual(['Ada']);
    expect(world.endUsers.pagesRead).toBe(0);
  });

  it.each([
    ['userName eq "nobody"'],
    ['userName eq "ada" and active eq false'],
    ['externalId eq "E-1"'],
    ['emails[type eq "home" and value eq "ada@x.example"]'],
    ['id eq "nobody"'],
  ])('are not found by an index: %s', async (filter) => {
    expect(await found('User', filter)).toEqual([]);
    expect(world.endUsers.pagesRead).toBe(0);
  });

  it.each([
    ['title eq "boss"', ['Ada']],
    ['userName sw "b"', ['bob']],
    ['userName eq "ada" or userName eq "bob"', ['Ada', 'bob']],
    ['not (userName eq "ada")', ['bob', 'eve']],
    ['userName ne "ada"', ['bob', 'eve']],
    ['title pr', ['Ada']],
    ['active eq true', ['Ada', 'bob', 'eve']],
  ])('are found by a scan: %s', async (filter, expected) => {
    expect(await found('User', filter)).toEqual(expected);
    expect(world.endUsers.pagesRead).toBeGreaterThan(0);
  });

  it('are found by id', async () => {
    expect(await found('User', `id eq "${ada}"`)).toEqual(['Ada']);
  });

  it('are listed with everybody, also those nobody provisioned', async () => {
    expect(await found('User', null)).toEqual(['Ada', 'bob', 'eve']);
  });

  it('show a connection only its own externalId', async () => {
    const other = world.addProvider();
    const result = await world.service.list(other.ctx, 'User', { filter: parseFilter('externalId eq "e-1"'), startIndex: 1, count: 10, withoutMembers: false });
    expect(result).toEqual({ totalResults: 0, resources: [] });
  });

  it.each([null, 'active eq true', 'userName eq "ada" or userName ne "ada"'])('come in pages without gaps and without repetition: %p', async (filter) => {
    const pages = [];
    for (const startIndex of [1, 2, 3, 4]) pages.push(await list('User', filter, startIndex, 1));
    expect(pages.map((page) => page.totalResults)).toEqual([3, 3, 3, 3]);
    expect(pages.map((page) => names(page.resources))).toEqual([['Ada'], ['bob'], ['eve'], []]);
  });

  it.each([null, 'active eq true', 'userName eq "ada"'])('are only counted where count is 0, and the page beyond the end is empty: %p', async (filter) => {
    const { totalResults, resources } = await list('User', filter, 1, 0);
    expect(resources).toEqual([]);
    expect(totalResults).toBe(filter?.startsWith('userName') ? 1 : 3);
    expect(await list('User', filter, 1_000, 10)).toEqual({ totalResults, resources: [] });
  });
});

describe('groups', () => {
  let [ada, bob] = ['', ''];
  let queries: object[];
  beforeEach(async () => {
    ada = await world.endUsers.addByHand({ userName: 'ada' });
    bob = await world.endUsers.addByHand({ userName: 'bob' });
    const make = (displayName: string, externalId: string, ...members: string[]) =>
      world.service.create(ctx, 'Group', { schemas: [], displayName, externalId, members: members.map((value) => ({ value })) });
    await make('Editors', 'g-1', ada, bob);
    await make('Authors', 'g-2', ada);
    await make('Empty', 'g-3');
    queries = [];
    const query = world.groups.query.bind(world.groups);
    jest.spyOn(world.groups, 'query').mockImplementation((wanted, offset, limit) => {
      queries.push(wanted);
      return query(wanted, offset, limit);
    });
  });

  it.each([
    ['displayName eq "EDITORS"', ['Editors'], 'displayNameNorm'],
    ['externalId eq "g-2"', ['Authors'], 'externalId'],
    ['externalId eq "G-2"', [], 'externalId'],
    ['displayName eq "editors" and externalId eq "g-1"', ['Editors'], 'displayNameNorm'],
    ['displayName eq "editors" and externalId eq "g-2"', [], 'displayNameNorm'],
    ['externalId eq "g-1" and displayName sw "x"', [], 'externalId'],
  ])('are found by an index: %s', async (filter, expected, key) => {
    expect(await found('Group', filter)).toEqual(expected);
    expect(queries.every((query) => key in query)).toBe(true);
  });

  it.each([
    ['displayName sw "e"', ['Editors', 'Empty']],
    ['displayName eq "editors" or externalId eq "g-2"', ['Editors', 'Authors']],
    ['not (externalId eq "g-1")', ['Authors', 'Empty']],
  ])('are found by a scan: %s', async (filter, expected) => {
    expect(await found('Group', filter)).toEqual(expected);
  });

  it('are found by their members', async () => {
    expect(await found('Group', `members eq "${ada}"`)).toEqual(['Editors', 'Authors']);
    expect(await found('Group', `members.value eq "${bob}"`)).toEqual(['Editors']);
    expect(await found('Group', `members[value eq "${ada}" and type eq "User"]`)).toEqual(['Editors', 'Authors']);
    expect(await found('Group', `displayName eq "authors" and members[value eq "${ada}"]`)).toEqual(['Authors']);
    expect(await found('Group', 'members pr')).toEqual(['Editors', 'Authors']);
    expect(await found('Group', 'members eq "nobody"')).toEqual([]);
  });

  it('are judged by the whole filter, also where an index answers a part of it', async () => {
    expect(await found('Group', `members[value eq "${ada}" and display sw "zzz"]`)).toEqual([]);
    expect(await found('Group', `members[value eq "${ada}"].display sw "zzz"`)).toEqual([]);
    expect(await found('Group', `members[value eq "${ada}" and type eq "Group"]`)).toEqual([]);
  });

  it('come without members where they are not asked for, and then none are read', async () => {
    const members = jest.spyOn(world.groups, 'members');
    const { resources } = await world.service.list(ctx, 'Group', { filter: null, startIndex: 1, count: 10, withoutMembers: true });
    expect(resources).toHaveLength(3);
    expect(resources.every((resource) => !('members' in resource))).toBe(true);
    expect(members).not.toHaveBeenCalled();
  });

  it('come in pages, and beyond the end there is nothing', async () => {
    for (const filter of [null, 'displayName pr']) {
      const pages = [];
      for (const startIndex of [1, 2, 3, 4]) pages.push(await list('Group', filter, startIndex, 1));
      expect(pages.map((page) => names(page.resources))).toEqual([['Editors'], ['Authors'], ['Empty'], []]);
      expect(pages.every((page) => page.totalResults === 3)).toBe(true);
      expect(await list('Group', filter, 1, 0)).toEqual({ totalResults: 3, resources: [] });
    }
  });
});

describe('equalityTerms', () => {
  it.each([
    ['userName eq "a"', [{ path: 'username', value: 'a' }]],
    ['name.givenName eq "a" and active eq true', [{ path: 'name.givenname', value: 'a' }]],
    ['a eq "1" and (b eq "2" and c sw "3")', [{ path: 'a', value: '1' }, { path: 'b', value: '2' }]],
    ['emails[type eq "work"].value eq "x"', [{ path: 'emails.type', value: 'work' }, { path: 'emails.value', value: 'x' }]],
    ['a eq "1" or b eq "2"', []],
    ['not (a eq "1")', []],
    ['a ne "1"', []],
    ['emails[value eq "a" or value eq "b"]', []],
    ['urn:other:2.0:User:userName eq "a"', []],
  ])('of %s', (filter, terms) => {
    expect(equalityTerms(parseFilter(filter))).toEqual(terms);
  });
});

describe('scan', () => {
  const over = (size: number, read: number[] = []) => ({
    read,
    page: async (offset: number, limit: number): Promise<number[]> => {
      const length = Math.max(0, Math.min(limit, size - offset));
      read.push(length);
      return Array.from({ length }, (_, index) => offset + index);
    },
    even: async (items: number[]): Promise<number[]> => items.filter((item) => item % 2 === 0),
  });

  it('counts all matches and keeps only the window', async () => {
    const { page, even } = over(1_234);
    expect(await scan(page, even, { startIndex: 300, count: 3 })).toEqual({ total: 617, items: [598, 600, 602] });
    expect(await scan(page, even, { startIndex: 618, count: 3 })).toEqual({ total: 617, items: [] });
    expect(await scan(page, even, { startIndex: 1, count: 0 })).toEqual({ total: 617, items: [] });
  });

  it('refuses with tooMany instead of looking at more than 20,000', async () => {
    const { page, even, read } = over(1_000_000);
    await expect(scan(page, even, { startIndex: 1, count: 1 })).rejects.toMatchObject({ status: 400, scimType: 'tooMany' });
    expect(read.reduce((sum, length) => sum + length, 0)).toBe(20_000);
    const small = over(19_999);
    expect((await scan(small.page, small.even, { startIndex: 1, count: 1 })).total).toBe(10_000);
  });
});
