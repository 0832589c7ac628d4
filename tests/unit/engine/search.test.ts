/** Lists: what is found, in which order, and pages. What finds it in a database is tests/contract/filter-sql. */
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { parseFilter } from '../../../server/src/scim/filter/parser';
import { createWorld, type World } from '../../helpers/memory/world';

let world: World;
let ctx: ScimRequestContext;

beforeEach(() => {
  world = createWorld();
  ({ ctx } = world.addProvider());
});

const list = (type: 'User' | 'Group', filter: string | null, startIndex = 1, count = 100) =>
  world.service.list(ctx, type, { filter: filter === null ? null : parseFilter(filter), sort: null, cursor: null, startIndex, count, withoutMembers: false });
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
  ])('are found: %s', async (filter) => {
    expect(await found('User', filter)).toEqual(['Ada']);
  });

  it.each([
    ['userName eq "nobody"'],
    ['userName eq "ada" and active eq false'],
    ['externalId eq "E-1"'],
    ['emails[type eq "home" and value eq "ada@x.example"]'],
    ['id eq "nobody"'],
  ])('are not found: %s', async (filter) => {
    expect(await found('User', filter)).toEqual([]);
  });

  it.each([
    ['title eq "boss"', ['Ada']],
    ['userName sw "b"', ['bob']],
    ['userName eq "ada" or userName eq "bob"', ['Ada', 'bob']],
    ['not (userName eq "ada")', ['bob', 'eve']],
    ['userName ne "ada"', ['bob', 'eve']],
    ['title pr', ['Ada']],
    ['active eq true', ['Ada', 'bob', 'eve']],
  ])('are found, each: %s', async (filter, expected) => {
    expect(await found('User', filter)).toEqual(expected);
  });

  it('are found by id', async () => {
    expect(await found('User', `id eq "${ada}"`)).toEqual(['Ada']);
  });

  it('are listed with everybody, also those nobody provisioned', async () => {
    expect(await found('User', null)).toEqual(['Ada', 'bob', 'eve']);
  });

  it('show a connection only its own externalId', async () => {
    const other = world.addProvider();
    const result = await world.service.list(other.ctx, 'User', { filter: parseFilter('externalId eq "e-1"'), sort: null, cursor: null, startIndex: 1, count: 10, withoutMembers: false });
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
  beforeEach(async () => {
    ada = await world.endUsers.addByHand({ userName: 'ada' });
    bob = await world.endUsers.addByHand({ userName: 'bob' });
    const make = (displayName: string, externalId: string, ...members: string[]) =>
      world.service.create(ctx, 'Group', { schemas: [], displayName, externalId, members: members.map((value) => ({ value })) });
    await make('Editors', 'g-1', ada, bob);
    await make('Authors', 'g-2', ada);
    await make('Empty', 'g-3');
  });

  it.each([
    ['displayName eq "EDITORS"', ['Editors']],
    ['externalId eq "g-2"', ['Authors']],
    ['externalId eq "G-2"', []],
    ['displayName eq "editors" and externalId eq "g-1"', ['Editors']],
    ['displayName eq "editors" and externalId eq "g-2"', []],
    ['externalId eq "g-1" and displayName sw "x"', []],
  ])('are found: %s', async (filter, expected) => {
    expect(await found('Group', filter)).toEqual(expected);
  });

  it.each([
    ['displayName sw "e"', ['Editors', 'Empty']],
    ['displayName eq "editors" or externalId eq "g-2"', ['Editors', 'Authors']],
    ['not (externalId eq "g-1")', ['Authors', 'Empty']],
  ])('are found, each: %s', async (filter, expected) => {
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
    const members = [jest.spyOn(world.receiveDeps.groups, 'members'), jest.spyOn(world.receiveDeps.groups, 'membersOf')];
    const ids = (await world.groups.query({ connectionId: ctx.connection.id }, 0, 10)).map((group) => group.scimId);
    world.receiveDeps.search.find = async () => ({ ids, totalResults: 3, nextCursor: null });
    const { resources } = await world.service.list(ctx, 'Group', { filter: null, sort: null, cursor: null, startIndex: 1, count: 10, withoutMembers: true });
    expect(resources).toHaveLength(3);
    expect(resources.every((resource) => !('members' in resource))).toBe(true);
    for (const read of members) expect(read).not.toHaveBeenCalled();
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
