/** A connection with its own rules: what is sent, what is left alone, what is asked. */
import type { MappingRule } from '../../../server/src/contracts/mapping';
import { direct } from '../../../server/src/domain/mapping/mapping';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { measureImpact, previewMapping } from '../../../server/src/engine/push/mapping-effect';
import type { MemoryDirectory } from '../../helpers/memory/directory';
import { createWorld, type World } from '../../helpers/memory/world';

const expression = (target: string, text: string, fields: Partial<MappingRule> = {}): MappingRule => ({ ...direct(target), source: { kind: 'expression', expression: text }, ...fields });
const constant = (target: string, value: unknown, fields: Partial<MappingRule> = {}): MappingRule => ({ ...direct(target), source: { kind: 'constant', value }, ...fields });
const BASE = [direct('userName'), direct('externalId'), direct('active')];
const WORK = 'emails[type eq "work"].value';

let world: World;
let target: MemoryDirectory;
let connection: Connection;

beforeEach(() => {
  world = createWorld();
  ({ target, connection } = world.addTarget());
});

/** New rules for everyone who is linked, as publishing does it. */
async function publish(...rules: MappingRule[]): Promise<void> {
  const version = (connection.mapping?.version ?? 0) + 1;
  connection = world.connections.put({ ...connection, mapping: { version, rules: [...BASE, ...rules] } });
  await touchAll();
}
async function touchAll(): Promise<void> {
  const { links } = await world.links.linksPage(connection.id, 'User', 0, 100);
  await world.outbox.mark([connection.id], 'User', links.map((link) => link.localId), null);
  target.forgetRequests();
  await world.settle();
}
const addAda = (fields: Record<string, unknown> = {}) => world.endUsers.addByHand({ userName: 'ada', email: 'ada@x.example', ...fields });

it('sends what the rules make of a person, and nothing to somebody who did not change', async () => {
  await publish(expression('displayName', 'upper(user.userName)'), constant('userType', 'Member'));
  await addAda();
  await world.settle();
  expect(target.user('ada')).toEqual(expect.objectContaining({ displayName: 'ADA', userType: 'Member', active: true }));
  expect(target.user('ada')).not.toHaveProperty('emails');
  expect(world.log.records[0]?.steps.find((step) => step.name === 'map')?.message).toBe('Mapped by the connection’s own rules, version 1.');
  await touchAll();
  expect(target.requests).toEqual([]);
});

it('leaves an attribute alone whose rule is taken away, switched off or made to apply on create only', async () => {
  await publish(constant('title', 'T'), constant('nickName', 'N'), constant('userType', 'U'));
  await addAda();
  await world.settle();
  await publish(constant('nickName', 'N', { when: 'never' }), constant('userType', 'other', { when: 'on-create' }));
  expect(target.requests).toEqual([]);
  expect(target.user('ada')).toMatchObject({ title: 'T', nickName: 'N', userType: 'U' });
  await publish(constant('userType', 'other'));
  expect(target.writes.map((request) => request.changes)).toEqual([[{ path: 'userType', before: 'U', after: 'other' }]]);
});

it('clears or leaves where the source is empty, as the rule says', async () => {
  const rules = (emptyPolicy: 'clear' | 'leave') => [expression('title', 'user.active ? "here" : null', { emptyPolicy })];
  await publish(...rules('leave'));
  const id = await addAda();
  await world.settle();
  expect(target.user('ada')).toMatchObject({ title: 'here', active: true });
  await world.endUsers.editByHand(id, { active: false });
  await world.settle();
  expect(target.user('ada')).toMatchObject({ title: 'here', active: false });
  await publish(...rules('clear'));
  expect(target.user('ada')).not.toHaveProperty('title');
});

it('changes of a list only the elements that rules name', async () => {
  const ref = target.put({ userName: 'ada', emails: [{ value: 'home@x.example', type: 'home' }] });
  await publish(expression(WORK, 'user.emails[0].value'));
  const id = await addAda();
  await world.settle();
  const emails = () => target.users.find((user) => user.id === ref)?.emails;
  expect(emails()).toEqual([{ value: 'home@x.example', type: 'home' }, { value: 'ada@x.example', type: 'work' }]);
  target.overwrite(ref, { emails: [{ value: 'moved@x.example', type: 'home' }, { value: 'ada@x.example', type: 'work', display: 'Ada' }] });
  await touchAll();
  expect(target.requests).toEqual([]);
  await world.endUsers.editByHand(id, { email: 'ada@y.example' });
  await world.settle();
  expect(emails()).toEqual([{ value: 'moved@x.example', type: 'home' }, { value: 'ada@y.example', type: 'work', display: 'Ada' }]);
  await publish(expression(WORK, 'user.nothing'));
  expect(emails()).toEqual([{ value: 'moved@x.example', type: 'home' }]);
});

describe('unique values', () => {
  const userName = expression('userName', 'uniqueValue(numbered(user.userName, 3))');
  beforeEach(() => {
    connection = world.connections.put({ ...connection, mapping: { version: 1, rules: [userName, direct('externalId'), direct('active')] } });
  });

  it('takes the first that is free when the person is made, and stays with it', async () => {
    target.put({ userName: 'ada' });
    const id = await addAda();
    await world.settle();
    expect(target.users.map((user) => [user.userName, user.externalId])).toEqual([['ada', undefined], ['ada2', id]]);
    await touchAll();
    expect(target.requests).toEqual([]);
  });

  it('asks about attributes that the application itself does not keep unique', async () => {
    target.put({ userName: 'other', nickName: 'ada' });
    await publish(expression('nickName', 'uniqueValue(numbered(user.userName, 3))'));
    await addAda();
    await world.settle();
    expect(target.user('ada')?.nickName).toBe('ada2');
    await touchAll();
    expect(target.requests).toEqual([]);
  });

  it('finds the person by our id after a creation whose answer was lost', async () => {
    target.put({ userName: 'ada' });
    target.failOnce({ lost: new Error('cut') }, (request) => request.method === 'create');
    const id = await addAda();
    await world.settle();
    expect(target.users.map((user) => [user.userName, user.externalId])).toEqual([['ada', undefined], ['ada2', id]]);
  });

  it('goes on to the next where the application refuses a name that its search does not find', async () => {
    target.put({ userName: 'ada' });
    target.searchable = false;
    await addAda();
    await world.settle();
    expect(target.users.map((user) => user.userName)).toEqual(['ada', 'ada2']);
    expect((await world.links.linksPage(connection.id, 'User', 0, 9)).links[0]?.snapshot?.userName).toBe('ada2');
    expect(world.log.records.map((record) => [record.operation, record.outcome])).toEqual([['create', 'success']]);
    expect(world.log.records[0]?.changes).toContainEqual({ path: 'userName', before: null, after: 'ada2' });
  });

  it('says so where every name is taken', async () => {
    for (const name of ['ada', 'ada2', 'ada3']) target.put({ userName: name });
    await addAda();
    await world.settle();
    expect(target.users).toHaveLength(3);
    expect(world.log.records.at(-1)).toMatchObject({ errorCode: 'uniqueness', message: expect.stringContaining('all names of the rule are taken') });
  });
});

it('ends one person’s operation as bad data where a rule fails, and goes on with the others', async () => {
  await publish(expression('title', 'user.userName == "bad" ? 1 / 0 : 1'));
  await world.endUsers.addByHand({ userName: 'bad', email: 'bad@x.example' });
  await addAda();
  await world.settle();
  expect(target.users.map((user) => user.userName)).toEqual(['ada']);
  expect(world.outbox.rows).toMatchObject([{ state: 'failed' }]);
  expect(world.log.records.find((record) => record.errorCode === 'mapping-failed')).toMatchObject({
    outcome: 'failed', objectName: 'bad', message: expect.stringMatching(/^The rule for title failed \(line 1, column \d+\)/),
  });
  expect(world.errors).toEqual([]);
});

describe('before it is published', () => {
  const deps = () => ({ clock: world.clock, links: world.links, directoryOf: world.directoryOf });

  it('shows what the rules would do to one person, and does nothing', async () => {
    const id = await addAda();
    await world.settle();
    target.forgetRequests();
    const preview = await previewMapping(deps(), connection, [...BASE, expression('title', '"x" + user.userName'), expression('nickName', 'user.a'), constant('userType', 'U', { when: 'on-create' })], id);
    expect(preview).toMatchObject({
      userId: id, userName: 'ada', linked: true, before: { userName: 'ada' }, after: { title: 'xada' }, changes: [{ path: 'title', before: null, after: 'xada' }],
    });
    expect(preview?.rules.slice(3)).toMatchObject([{ target: 'title', outcome: 'value', value: 'xada' }, { target: 'nickName', outcome: 'empty' }, { outcome: 'kept' }]);
    expect(await previewMapping(deps(), connection, [...BASE, expression('title', '1 / 0')], id)).toMatchObject({ after: null, changes: [], rules: [{}, {}, {}, { outcome: 'error' }] });
    expect(await previewMapping(deps(), connection, BASE, 'nobody')).toBeNull();
    expect(target.requests).toEqual([]);
  });

  it('counts who would change, and says when the time was up', async () => {
    for (const name of ['ada', 'bob', 'bad']) await world.endUsers.addByHand({ userName: name, email: `${name}@x.example` });
    await world.settle();
    const rules = [...BASE, expression('title', 'user.userName == "ada" ? "new" : user.userName == "bad" ? string(1 / 0) : null')];
    expect(await measureImpact(deps(), connection, rules, 1_000)).toMatchObject({
      examined: 3, changed: 1, unchanged: 1, failed: 1, complete: true, attributes: [{ path: 'title', users: 1 }],
      examples: [{ userName: 'ada' }], failures: [{ userName: 'bad', message: expect.stringContaining('title') }],
    });
    expect(await measureImpact(deps(), connection, rules, 0)).toMatchObject({ examined: 0, complete: false });
    // A clock that goes on with every look at it.
    let now = 0;
    const ticking = { ...deps(), clock: { now: () => (now += 1) } };
    expect(await measureImpact(ticking, connection, rules, 4)).toMatchObject({ examined: 2, complete: false });
  });
});
