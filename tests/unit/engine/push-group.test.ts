/** Roles and groups of this Strapi as groups of an application. */
import fc from 'fast-check';
import type { GroupPolicy, OutboundPoliciesInput } from '../../../server/src/contracts/scope';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { DEFAULT_OUTBOUND, mergeOutbound } from '../../../server/src/domain/connection/outbound';
import { ProvisioningError } from '../../../server/src/domain/errors';
import { roleKey } from '../../../server/src/domain/groups/choice';
import { markGroups } from '../../../server/src/engine/push/mark-groups';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { GROUP_URN, USER_URN } from '../../../server/src/scim/schema/urns';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';

const EDITOR = roleKey(ROLES.editor);

let world: World;
let target: MemoryDirectory;
let connection: Connection;

beforeEach(async () => {
  world = createWorld();
  await world.sourceGroups.setRole(ROLES.editor, 'Editors');
  await world.sourceGroups.setRole(ROLES.author, 'Authors');
});

function connect(groups: Partial<GroupPolicy> = { source: 'roles' }, more: OutboundPoliciesInput = {}): void {
  ({ target, connection } = world.addTarget({ system: 'app', outbound: mergeOutbound(DEFAULT_OUTBOUND, { groups, ...more }) }));
}
/** What an admin changes, and what the requeue does then. */
async function configure(input: OutboundPoliciesInput): Promise<void> {
  connection = world.connections.put({ ...connection, outbound: mergeOutbound(connection.outbound ?? DEFAULT_OUTBOUND, input) });
  await look();
}
async function look(): Promise<void> {
  const users = await world.endUsers.pageUsers(0, 1_000);
  await world.outbox.mark([connection.id], 'User', users.map(({ ref }) => ref), null);
  await markGroups(connection, 'all', world);
  await world.settle();
}
const add = (userName: string, ...roleIds: number[]) => world.endUsers.addByHand({ userName, roleIds });
const rows = () => world.log.records.filter((record) => record.objectType === 'Group').map(({ operation, outcome, objectName, message }) => `${operation} ${outcome} ${objectName}: ${message}`);
const memberRequests = () => target.requests.filter(({ method }) => method === 'updateMembers').map((request) => ({ add: request.add.length, remove: request.remove.length }));

describe('roles', () => {
  beforeEach(() => connect());

  it('are groups with the people who have them, and follow them', async () => {
    await look();
    expect(target.groups).toEqual({ Editors: [], Authors: [] });
    const ada = await add('ada', ROLES.editor);
    await add('bob', ROLES.editor);
    await world.settle();
    expect(target.groups).toEqual({ Editors: ['ada', 'bob'], Authors: [] });
    target.forgetRequests();
    await world.endUsers.editByHand(ada, { roleIds: [ROLES.author] });
    await world.settle();
    expect(target.groups).toEqual({ Editors: ['bob'], Authors: ['ada'] });
    expect(memberRequests()).toEqual(expect.arrayContaining([{ add: 1, remove: 0 }, { add: 0, remove: 1 }]));
    expect(target.requests.every(({ method }) => method === 'updateMembers')).toBe(true);
    expect(rows().slice(-2).sort()).toEqual(['update success Authors: Added 1 member.', 'update success Editors: Removed 1 member.']);
  });

  it('an unchanged group costs no request and leaves no row', async () => {
    await look();
    await add('ada', ROLES.editor);
    await world.settle();
    target.forgetRequests();
    const before = rows().length;
    await look();
    expect([target.requests.length, rows().length]).toEqual([0, before]);
  });

  it('are renamed, also where the answer is lost', async () => {
    await add('ada', ROLES.editor);
    await world.settle();
    target.failOnce({ lost: new ProvisioningError('target-unavailable', 'No answer.') }, ({ method }) => method === 'update');
    await world.sourceGroups.setRole(ROLES.editor, 'Redaktion');
    await world.settle();
    expect(target.groups.Redaktion).toEqual(['ada']);
    expect(target.groups.Editors).toBeUndefined();
    expect(rows().at(-1)).toBe('update success Redaktion: Renamed.');
  });

  it('a member is added once the application knows them, and again under another id', async () => {
    await look();
    target.failOnce(new ProvisioningError('target-rejected', 'No.'), ({ method, resource }) => method === 'create' && resource?.userName === 'ada');
    const ada = await add('ada', ROLES.editor);
    await world.settle();
    expect(target.groups.Editors).toEqual([]);
    await world.endUsers.editByHand(ada, { email: 'ada@example.org' });
    await world.settle();
    expect(target.groups.Editors).toEqual(['ada']);
    target.drop(String(target.user('ada')?.id));
    await world.endUsers.editByHand(ada, { email: 'ada@example.com' });
    await world.settle();
    expect(target.groups.Editors).toEqual(['ada']);
  });

  it('a member loses a role also while the application refuses what changed of them', async () => {
    const ada = await add('ada', ROLES.editor);
    await world.settle();
    target.failWhile(({ method, resource }) => (method === 'update' && resource?.userName === 'ada' ? new ProvisioningError('target-rejected', 'No such address.') : null));
    await world.endUsers.editByHand(ada, { email: 'ada@example.org', roleIds: [ROLES.author] });
    await world.settle();
    expect(target.groups).toEqual({ Editors: [], Authors: ['ada'] });
  });

  it('lose the members who leave the connection, keep the blocked ones, and get back who comes back', async () => {
    const [ada, bob, eve] = [await add('ada', ROLES.editor), await add('bob', ROLES.editor), await add('eve', ROLES.editor)];
    await world.settle();
    await world.endUsers.editByHand(bob, { active: false });
    await world.endUsers.delete('User', eve);
    await world.settle();
    expect(target.groups.Editors).toEqual(['ada', 'bob']);
    const onlyBob: OutboundPoliciesInput = { scope: { assignment: 'everyone', match: 'all', clauses: [{ attribute: 'userName', operator: 'equals', value: 'bob' }] } };
    await configure(onlyBob);
    expect([target.user('ada')?.active, target.groups.Editors]).toEqual([false, ['bob']]);
    await configure({ scope: DEFAULT_OUTBOUND.scope });
    expect([target.user('ada')?.active, target.groups.Editors]).toEqual([true, ['ada', 'bob']]);
    expect(ada).toBeDefined();
  });

  it('a person whose rule is to stay as they are, or who has days of grace, stays in the group', async () => {
    await add('ada', ROLES.editor);
    await configure({ leaving: { outOfScope: { action: 'disable', graceDays: 3 } } });
    const nobody: OutboundPoliciesInput = { scope: { assignment: 'everyone', match: 'all', clauses: [{ attribute: 'userName', operator: 'equals', value: 'nobody' }] } };
    await configure(nobody);
    expect(target.groups.Editors).toEqual(['ada']);
    await configure({ leaving: { outOfScope: { action: 'nothing', graceDays: 0 } } });
    expect(target.groups.Editors).toEqual(['ada']);
    await configure({ leaving: { outOfScope: { action: 'unlink', graceDays: 0 } } });
    expect([target.groups.Editors, world.pushedMembers.rows]).toEqual([['ada'], []]);
  });

  it('are deleted with the role, or left, as the connection says', async () => {
    await add('ada', ROLES.author);
    await look();
    await world.sourceGroups.setRole(ROLES.editor, null);
    await world.settle();
    expect(target.groups).toEqual({ Authors: ['ada'] });
    expect(rows().at(-1)).toBe('delete success Editors: Deleted. It no longer exists in Strapi.');
    await configure({ groups: { whenDeleted: 'leave' } });
    await world.sourceGroups.setRole(ROLES.author, null);
    await world.settle();
    expect(target.groups).toEqual({ Authors: ['ada'] });
    expect(rows().at(-1)).toBe('update success Authors: It no longer exists in Strapi. It is left as it is and no longer linked.');
    expect([await world.links.get(connection.id, 'Group', roleKey(ROLES.author)), world.pushedMembers.rows]).toEqual([null, []]);
  });

  it('only those that were chosen; who is not any more is left unless told otherwise', async () => {
    await add('ada', ROLES.editor);
    await look();
    await configure({ groups: { only: [roleKey(ROLES.author)] } });
    expect(target.groups).toEqual({ Editors: ['ada'], Authors: [] });
    target.forgetRequests();
    await add('bob', ROLES.editor);
    await world.settle();
    expect(target.groups.Editors).toEqual(['ada']);
    await configure({ groups: { only: null } });
    expect(target.groups.Editors).toEqual(['ada', 'bob']);
    await configure({ groups: { source: 'none', whenNotChosen: 'delete' } });
    expect(target.groups).toEqual({});
    expect(world.pushedMembers.rows).toEqual([]);
  });

  it('switches hold back what they say, and are made up for', async () => {
    await configure({ switches: { create: true, update: false } });
    await add('ada', ROLES.editor);
    await world.settle();
    expect(target.groups.Editors).toEqual([]);
    expect(rows().at(-1)).toBe('update skipped Editors: Updates are switched off in this connection.');
    await configure({ switches: { update: true } });
    expect(target.groups.Editors).toEqual(['ada']);
  });

  it('nothing is sent where groups are not switched on', async () => {
    await configure({ groups: { source: 'none' } });
    target.forgetRequests();
    await add('ada', ROLES.editor);
    await world.settle();
    expect(target.groups).toEqual({});
    expect(world.pushedMembers.rows).toEqual([]);
  });
});

describe('the group at the application', () => {
  it('is matched by name, and whoever else is in it stays', async () => {
    connect();
    const other = target.put({ userName: 'other' });
    const ref = target.put({ displayName: 'Editors', members: [{ value: other }], externalId: 'theirs' });
    await add('ada', ROLES.editor);
    await world.settle();
    expect(target.groups.Editors).toEqual(['ada', 'other']);
    // Left and chosen again: nobody is sent twice, whoever is looked at first.
    await configure({ groups: { source: 'none' } });
    target.forgetRequests();
    connection = world.connections.put({ ...connection, outbound: mergeOutbound(DEFAULT_OUTBOUND, { groups: { source: 'roles' } }) });
    await markGroups(connection, 'all', world);
    await world.settle();
    await look();
    expect(memberRequests()).toEqual([]);
    expect(target.groups.Editors).toEqual(['ada', 'other']);
    expect((await target.read('Group', ref))?.resource.externalId).toBe('theirs');
    expect(rows().find((row) => row.includes('Editors'))).toContain('Linked to the group of this name.');
  });

  it('several of one name are disputed; one of another role is not taken', async () => {
    connect();
    target.put({ displayName: 'Editors' });
    target.put({ displayName: 'Editors' });
    await look();
    expect(rows().join('\n')).toContain('Several groups at the application have the displayName Editors.');
    await world.sourceGroups.setRole(ROLES.editor, 'Authors');
    await world.settle();
    expect(rows().at(-1)).toContain('is the counterpart of another role or group');
    expect(target.writes.filter(({ method }) => method === 'create')).toHaveLength(1);
  });

  it('is made again with all its members where it was deleted there', async () => {
    connect();
    await add('ada', ROLES.editor);
    await add('bob', ROLES.editor);
    await world.settle();
    target.drop(String(target.users.find((one) => one.displayName === 'Editors')?.id));
    await add('cy', ROLES.editor);
    await world.settle();
    expect(target.groups.Editors).toEqual(['ada', 'bob', 'cy']);
  });

  it('is not made twice where the answer to the creation is lost, nor are members forgotten', async () => {
    connect();
    await add('ada', ROLES.editor);
    await add('bob', ROLES.editor);
    target.failOnce({ lost: new ProvisioningError('target-unavailable', 'No answer.') }, ({ method, resource }) => method === 'create' && resource?.displayName === 'Editors');
    await world.settle();
    expect(target.users.filter((one) => one.displayName === 'Editors')).toHaveLength(1);
    expect(target.groups.Editors).toEqual(['ada', 'bob']);
    // Found there, they need not be sent again.
    expect(memberRequests()).toEqual([]);
  });

  it('takes no member that it refuses, and all others', async () => {
    connect();
    await look();
    const ids: string[] = [];
    for (let index = 0; index < 9; index += 1) ids.push(await add(`p${index}`, ROLES.editor));
    target.during((request) => {
      if (request.method === 'updateMembers' && request.add.length === 9) target.drop(String(target.user('p4')?.id));
    });
    await world.settle();
    expect(target.groups.Editors).toEqual(['p0', 'p1', 'p2', 'p3', 'p5', 'p6', 'p7', 'p8']);
    expect(rows().at(-1)).toBe(`update success Editors: Added 8 members. The application refused 1 member: ${ids[4]}.`);
    target.during(null);
    await world.endUsers.editByHand(String(ids[4]), { email: 'p4@example.org' });
    await world.settle();
    expect(target.groups.Editors).toHaveLength(9);
  });

  it('one that refuses every member is a failure, not many', async () => {
    connect();
    await look();
    for (let index = 0; index < 100; index += 1) await add(`p${index}`, ROLES.editor);
    target.failWhile(({ method }) => (method === 'updateMembers' ? new ProvisioningError('target-rejected', 'No members here.') : null));
    await world.settle();
    expect(rows().at(-1)).toBe('update failed Editors: No members here.');
    expect(memberRequests().length).toBeLessThan(100);
    target.failWhile(null);
    await look();
    expect(target.groups.Editors).toHaveLength(100);
  });
});

describe('large groups', () => {
  it('are created and sent in requests of 1,000, in several passes', async () => {
    connect({ source: 'none' });
    const count = 2_500;
    for (let index = 0; index < count; index += 1) {
      await world.pushedMembers.follow(connection.id, `local-${index}`, [EDITOR], target.put({ displayName: `p${index}` }));
    }
    connection = world.connections.put({ ...connection, outbound: mergeOutbound(DEFAULT_OUTBOUND, { groups: { source: 'roles' } }) });
    // The clock runs: the second request is already past the time of a pass.
    target.during((request) => void (request.method === 'updateMembers' && world.clock.advance(30_000)));
    await world.outbox.mark([connection.id], 'Group', [EDITOR], null);
    await world.settle();
    expect(target.requests.find(({ method }) => method === 'create')?.resource?.members).toHaveLength(1_000);
    expect(memberRequests()).toEqual([{ add: 1_000, remove: 0 }, { add: 500, remove: 0 }]);
    expect(rows()).toEqual(['create success Editors: Created. Added 2000 members. The rest follows.', 'update success Editors: Added 500 members.']);
    expect(target.membersOf((await target.find('Group', 'externalId', EDITOR))[0]?.ref)).toHaveLength(count);
  });
});

describe('groups that providers push', () => {
  let ctx: ScimRequestContext;
  const create = async (name: string, ...members: string[]) => String((await world.service.create(ctx, 'Group', { schemas: [GROUP_URN], displayName: name, members: members.map((value) => ({ value })) })).id);
  const person = async (userName: string) => String((await world.service.create(ctx, 'User', { schemas: [USER_URN], userName })).id);
  const patch = (id: string, ...operations: object[]) => world.service.modify(ctx, 'Group', id, parsePatchRequest({ Operations: operations }));

  beforeEach(() => {
    ({ ctx } = world.addProvider({ system: 'idp' }));
    connect({ source: 'groups' });
  });

  it('are passed on with their members, through nested groups too, renamed and deleted', async () => {
    const [ada, bob] = [await person('ada'), await person('bob')];
    const inner = await create('Inner', ada);
    const outer = await create('Outer', inner, bob);
    await world.settle();
    expect(target.groups).toEqual({ Inner: ['ada'], Outer: ['ada', 'bob'] });
    await patch(inner, { op: 'add', path: 'members', value: [{ value: bob }] }, { op: 'remove', path: `members[value eq "${ada}"]` });
    await world.settle();
    expect(target.groups).toEqual({ Inner: ['bob'], Outer: ['bob'] });
    await patch(outer, { op: 'replace', path: 'displayName', value: 'All' });
    await world.settle();
    expect(target.groups).toEqual({ Inner: ['bob'], All: ['bob'] });
    await world.service.remove(ctx, 'Group', inner);
    await world.settle();
    expect(target.groups).toEqual({ All: ['bob'] });
  });

  it('are not sent back to the system they came from', async () => {
    const own = world.addProvider({ system: 'app' });
    const ada = await person('ada');
    await world.service.create(own.ctx, 'Group', { schemas: [GROUP_URN], displayName: 'Own', members: [{ value: ada }] });
    await create('Theirs', ada);
    await world.settle();
    await look();
    expect(target.groups).toEqual({ Theirs: ['ada'] });
  });
});

it('whatever happens, in any order, ends in the groups that Strapi has (property)', async () => {
  const change = fc.oneof(
    fc.record({ kind: fc.constant('role' as const), who: fc.nat(4), role: fc.constantFrom(ROLES.editor, ROLES.author) }),
    fc.record({ kind: fc.constantFrom('block' as const, 'unblock' as const, 'remove' as const, 'add' as const), who: fc.nat(4) }),
    fc.record({ kind: fc.constant('rename' as const), role: fc.constantFrom(ROLES.editor, ROLES.author), name: fc.constantFrom('A', 'B', 'C') }),
    fc.record({ kind: fc.constant('fail' as const), lost: fc.boolean() }),
    fc.record({ kind: fc.constant('settle' as const) })
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 25 }), async (changes) => {
      world = createWorld();
      connect();
      const names = new Map<number, string>([[ROLES.editor, 'Editors'], [ROLES.author, 'Authors']]);
      for (const [id, name] of names) await world.sourceGroups.setRole(id, name);
      const people = new Map<number, { id: string; role: number }>();
      for (const one of changes) {
        if (one.kind === 'settle') await world.settle();
        else if (one.kind === 'fail') {
          const error = new ProvisioningError('target-unavailable', 'No answer.');
          target.failOnce(one.lost ? { lost: error } : error);
        } else if (one.kind === 'rename') {
          const taken = [...names].some(([id, name]) => id !== one.role && name === one.name);
          if (taken) continue;
          names.set(one.role, one.name);
          await world.sourceGroups.setRole(one.role, one.name);
        } else if (one.kind === 'add') {
          if (!people.has(one.who)) people.set(one.who, { id: await add(`p${one.who}`, ROLES.editor), role: ROLES.editor });
        } else {
          const person = people.get(one.who);
          if (person === undefined) continue;
          if (one.kind === 'remove') {
            await world.endUsers.delete('User', person.id);
            people.delete(one.who);
          } else if (one.kind === 'role') {
            person.role = one.role;
            await world.endUsers.editByHand(person.id, { roleIds: [one.role] });
          } else await world.endUsers.editByHand(person.id, { active: one.kind === 'unblock' });
        }
      }
      target.failWhile(null);
      await world.settle();
      await look();
      const known = new Set(target.users.map(({ userName }) => userName));
      for (const [role, name] of names) {
        const expected = [...people].filter(([who, person]) => person.role === role && known.has(`p${who}`)).map(([who]) => `p${who}`).sort();
        expect(target.groups[name]).toEqual(expected);
      }
      expect(Object.keys(target.groups)).toHaveLength(2);
      target.forgetRequests();
      await look();
      expect(target.requests).toEqual([]);
    }),
    { numRuns: 60 }
  );
});
