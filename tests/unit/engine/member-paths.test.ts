/** PATCH of members that a filter selects, against a plain list that the same operations are applied to. */
import fc from 'fast-check';
import { DEFAULT_POLICIES } from '../../../server/src/domain/connection/policies';
import { ScimError } from '../../../server/src/scim/messages/error';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { createWorld, type World } from '../../helpers/memory/world';

interface Somebody {
  value: string;
  type: 'User' | 'Group';
  display: string;
}
type Test = { text: string; holds(member: Somebody): boolean; ids?: string[]; names: string[] };

class Refused extends Error {
  constructor(readonly scimType: string) {
    super(scimType);
  }
}

const NAMES = ['ada', 'bob', 'eve', 'inner', 'other'];

async function populated(strict: boolean) {
  const world = createWorld();
  const { ctx } = world.addProvider({ policies: { ...DEFAULT_POLICIES, strict } });
  const people = new Map<string, Somebody>();
  for (const name of ['ada', 'bob', 'eve']) people.set(name, { value: await world.endUsers.addByHand({ userName: name }), type: 'User', display: name });
  for (const name of ['inner', 'other']) {
    const { id } = await world.service.create(ctx, 'Group', { schemas: [], displayName: name });
    people.set(name, { value: String(id), type: 'Group', display: name });
  }
  return { world, ctx, people };
}

/** A filter over names; in the request the ids stand for them. */
const clause: fc.Arbitrary<Test> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NAMES).map((name): Test => ({ text: `value eq "<${name}>"`, holds: ({ display }) => display === name, names: [name] })) },
  fc.constantFrom('User', 'group').map((type): Test => ({ text: `type eq "${type}"`, holds: (member) => member.type.toLowerCase() === type.toLowerCase(), names: [] })),
  fc.constantFrom('e', 'A', 'r').map((part): Test => ({ text: `display co "${part}"`, holds: ({ display }) => display.includes(part.toLowerCase()), names: [] })),
  fc.constantFrom(...NAMES).map((name): Test => ({ text: `display ne "${name}"`, holds: ({ display }) => display !== name, names: [] })),
  fc.constantFrom('Users', 'Groups').map((part): Test => ({ text: `$ref co "/${part}/"`, holds: ({ type }) => `${type}s` === part, names: [] })),
  fc.constant<Test>({ text: 'type pr', holds: () => true, names: [] }),
  fc.constant<Test>({ text: 'value eq "nobody"', holds: () => false, names: ['nobody'] })
);
const filter: fc.Arbitrary<Test & { pinned: string | null }> = fc.oneof(
  { weight: 3, arbitrary: clause.map((one) => ({ ...one, pinned: one.names[0] ?? null })) },
  fc.tuple(clause, clause).map(([a, b]) => ({ text: `${a.text} and ${b.text}`, holds: (member: Somebody) => a.holds(member) && b.holds(member), names: [], pinned: a.names[0] ?? b.names[0] ?? null })),
  fc.tuple(clause, clause).map(([a, b]) => ({ text: `${a.text} or ${b.text}`, holds: (member: Somebody) => a.holds(member) || b.holds(member), names: [], pinned: null })),
  clause.map((a) => ({ text: `not (${a.text})`, holds: (member: Somebody) => !a.holds(member), names: [], pinned: null }))
);

interface Step {
  op: 'add' | 'replace' | 'remove';
  selector: (Test & { pinned: string | null }) | null;
  sub: 'value' | 'display' | null;
  /** Names; null: no value. */
  to: string[] | null;
}
const names = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('add' as const, 'replace' as const), to: names }).map((sent) => ({ ...sent, selector: null, sub: null })) },
  { weight: 3, arbitrary: filter.map((selector) => ({ op: 'remove' as const, selector, sub: null, to: null })) },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom('add' as const, 'replace' as const), selector: filter, to: names }).map((sent) => ({ ...sent, sub: null })) },
  fc.record({ op: fc.constantFrom('add' as const, 'replace' as const), selector: filter, to: names.map((list) => list.slice(0, 1)), sub: fc.constantFrom('value' as const, 'value' as const, 'display' as const) }),
  fc.record({ selector: filter, sub: fc.constantFrom('value' as const, 'display' as const) }).map((sent) => ({ ...sent, op: 'remove' as const, to: null }))
);

/** RFC 7644 section 3.5.2 on a list of names, with what docs/scim-conformance.md says of members. */
function oracle(before: readonly string[], steps: readonly Step[], people: ReadonlyMap<string, Somebody>, strict: boolean): string[] {
  let list = [...before];
  const withThose = (more: string[]): void => void (list = [...new Set([...list, ...more])]);
  // What no group could have is told before any group is looked at.
  if (steps.some(({ op, sub }) => sub === 'display' || (sub === 'value' && op === 'remove' && strict))) throw new Refused('mutability');
  for (const { op, selector, sub, to } of steps) {
    if (selector === null) {
      if (op === 'replace') list = [];
      withThose(to ?? []);
      continue;
    }
    const hit = list.filter((name) => selector.holds(people.get(name) as Somebody));
    const others = hit.filter((name) => !to?.includes(name));
    if (to === null) {
      if (hit.length === 0 && strict) throw new Refused('noTarget');
      list = list.filter((name) => !hit.includes(name));
      continue;
    }
    const isMade = !strict && to.length === 1 && to[0] === selector.pinned;
    if ((op === 'add' || sub === 'value') && others.length > 0) throw new Refused('mutability');
    if (hit.length === 0 && !isMade) throw new Refused('noTarget');
    list = list.filter((name) => !others.includes(name));
    withThose(to);
  }
  return list.sort();
}

function requestOf(steps: readonly Step[], people: ReadonlyMap<string, Somebody>): object {
  const id = (name: string): string => people.get(name)?.value ?? '';
  return {
    Operations: steps.map(({ op, selector, sub, to }) => ({
      op,
      path: `members${selector === null ? '' : `[${selector.text.replace(/<(\w+)>/g, (_all, name: string) => id(name))}]`}${sub === null ? '' : `.${sub}`}`,
      ...(to === null ? {} : { value: sub === null ? to.map((name) => ({ value: id(name), display: 'ignored' })) : id(to[0] ?? '') }),
    })),
  };
}

const membersOf = async ({ service }: World, ctx: ScimRequestContext, group: string): Promise<string[]> => {
  const { members } = await service.get(ctx, 'Group', group, { withoutMembers: false });
  return (members as { display: string }[]).map(({ display }) => display).sort();
};

it.each([false, true])('agrees with a plain list (strict: %s)', async (strict) => {
  const { world, ctx, people } = await populated(strict);
  const seen = { applied: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...NAMES)), fc.array(step, { minLength: 1, maxLength: 3 }), async (before, steps) => {
      const id = (name: string): string => people.get(name)?.value ?? '';
      const group = String((await world.service.create(ctx, 'Group', { schemas: [], displayName: 'Group', members: before.map((name) => ({ value: id(name) })) })).id);
      const outcome = async (work: () => string[] | Promise<string[]>): Promise<unknown> => {
        try {
          return await work();
        } catch (error) {
          if (error instanceof ScimError || error instanceof Refused) return { refused: error.scimType };
          throw error;
        }
      };
      const expected = await outcome(() => oracle(before, steps, people, strict));
      const actual = await outcome(async () => {
        await world.service.modify(ctx, 'Group', group, parsePatchRequest(requestOf(steps, people)), { ifMatch: null });
        return membersOf(world, ctx, group);
      });
      expect(actual).toEqual(expected);
      if (Array.isArray(expected)) seen.applied += 1;
      else {
        seen.refused += 1;
        expect(await membersOf(world, ctx, group)).toEqual([...before].sort());
      }
      await world.service.remove(ctx, 'Group', group, { ifMatch: null });
    }),
    { numRuns: 600 }
  );
  expect(Math.min(seen.applied, seen.refused)).toBeGreaterThan(100);
});

it('looks at nobody but those the filter names, and otherwise goes page by page', async () => {
  const { world, ctx, people } = await populated(false);
  const ids = [...people.values()].map(({ value }) => value);
  const group = String((await world.service.create(ctx, 'Group', { schemas: [], displayName: 'Group', members: ids.map((value) => ({ value })) })).id);
  const asked = jest.spyOn(world.groups, 'shownPage');
  const patch = (path: string) => world.service.modify(ctx, 'Group', group, parsePatchRequest({ Operations: [{ op: 'remove', path }] }), { ifMatch: null });
  await patch(`members[value eq "${ids[0]}"]`);
  expect(asked).not.toHaveBeenCalled();
  await patch(`members[value eq "${ids[1]}" and type eq "User"]`);
  expect(asked.mock.calls.map(([, , , among]) => among)).toEqual([[ids[1]]]);
  await patch('members[type eq "Group"]');
  expect(asked.mock.calls.at(-1)?.slice(2)).toEqual([500, null]);
  expect(await membersOf(world, ctx, group)).toEqual(['eve']);
});

it('ends a request whose filters look at too many members, and changes nothing', async () => {
  const { world, ctx } = await populated(false);
  const members: { value: string }[] = [];
  for (let index = 0; index < 40; index += 1) members.push({ value: String((await world.service.create(ctx, 'Group', { schemas: [], displayName: `m${index}` })).id) });
  const group = String((await world.service.create(ctx, 'Group', { schemas: [], displayName: 'Group', members })).id);
  const clauses = Array.from({ length: 60 }, (_item, index) => `display eq "x${index}"`).join(' or ');
  const filters = (count: number) => Array.from({ length: count }, () => ({ op: 'remove', path: `members[${clauses}]` }));
  const patch = (...Operations: object[]) => world.service.modify(ctx, 'Group', group, parsePatchRequest({ Operations }), { ifMatch: null });
  const remove = { op: 'remove', path: 'members[display eq "m0"]' };
  await expect(patch(remove, ...filters(100))).rejects.toMatchObject({ scimType: 'tooMany', code: 'too-large' });
  expect(await membersOf(world, ctx, group)).toHaveLength(40);
  await patch(remove, ...filters(20));
  expect(await membersOf(world, ctx, group)).toHaveLength(39);
});
