/** Departures on memory: what is planned, what is due, who gets it, and what a crash or a refusal leaves behind. */
import type { DepartureRule } from '../../../server/src/contracts/connection';
import { DEFAULT_POLICIES } from '../../../server/src/domain/connection/policies';
import { tombstoneOf } from '../../../server/src/domain/departure/tombstone';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { DepartureRunner } from '../../../server/src/engine/receive/departure-runner';
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { createWorld, ROLES, type World } from '../../helpers/memory/world';

const DAY = 24 * 60 * 60 * 1_000;
const ADA: Resource = { schemas: [], userName: 'ada', externalId: 'e-1', emails: [{ value: 'ada@x.example' }] };

let world: World;

beforeEach(() => {
  world = createWorld();
});

const provider = (policies: { onDelete?: DepartureRule; onDeactivate?: DepartureRule }, fields: Partial<Connection> = {}): ScimRequestContext =>
  world.addProvider({ ...fields, policies: { ...DEFAULT_POLICIES, ...policies } }).ctx;
const create = async (ctx: ScimRequestContext, resource = ADA): Promise<string> => String((await world.service.create(ctx, 'User', resource)).id);
const patch = (ctx: ScimRequestContext, id: string, active: boolean) =>
  world.service.modify(ctx, 'User', id, parsePatchRequest({ Operations: [{ op: 'replace', path: 'active', value: active }] }));
const read = (ctx: ScimRequestContext, id: string) => world.service.get(ctx, 'User', id, { withoutMembers: false });
const runDue = (): Promise<number> => world.runner.runDue(() => false);
const laterBy = (days: number): void => world.clock.advance(days * DAY);
const messages = (): string[] => world.log.records.map((record) => record.message);

it('happens on its day, not before, and once', async () => {
  const ctx = provider({ onDeactivate: { action: 'delete', graceDays: 3 } });
  const id = await create(ctx);
  await patch(ctx, id, false);
  laterBy(2);
  expect(await runDue()).toBe(0);
  expect((await read(ctx, id)).active).toBe(false);
  laterBy(1);
  expect(await runDue()).toBe(1);
  await expect(read(ctx, id)).rejects.toMatchObject({ code: 'not-found' });
  expect(await runDue()).toBe(0);
  expect(world.departures.rows).toEqual([]);
  expect(world.log.records.at(-1)).toMatchObject({ operation: 'delete', outcome: 'success', trigger: 'sweep', objectId: id });
});

it('a crash before the commit leaves it due, and it is done when tried again', async () => {
  const ctx = provider({ onDelete: { action: 'delete', graceDays: 1 } });
  const id = await create(ctx);
  await world.service.remove(ctx, 'User', id);
  laterBy(1);
  world.database.failCommitOnce(new Error('Killed.'));
  await runDue();
  expect(await world.endUsers.readDeparted(id)).not.toBeNull();
  expect(world.departures.rows[0]?.original).toEqual({ userName: 'ada', email: 'ada@x.example' });
  expect(world.log.records.at(-1)).toMatchObject({ outcome: 'failed' });
  laterBy(1);
  await runDue();
  expect(await world.endUsers.readDeparted(id)).toBeNull();
});

it('is done by one of several instances', async () => {
  const ctx = provider({ onDelete: { action: 'delete', graceDays: 1 } });
  for (const name of ['a', 'b', 'c']) await world.service.remove(ctx, 'User', await create(ctx, { schemas: [], userName: name, externalId: name }));
  laterBy(1);
  const instances = [1, 2, 3].map(() => new DepartureRunner(world.receiveDeps));
  await Promise.all(instances.map((instance) => instance.runDue(() => false)));
  expect(world.log.records.filter((record) => record.trigger === 'sweep')).toHaveLength(3);
  expect(world.log.story.filter((line) => line.endsWith('failed'))).toEqual([]);
});

it('what leaves the account in place is done once too', async () => {
  const ctx = provider({ onDelete: { action: 'remove-roles', graceDays: 1 } });
  const id = await create(ctx);
  await world.service.remove(ctx, 'User', id);
  laterBy(1);
  let rounds = 0;
  const impatient = (): boolean => (rounds += 1) > 20;
  await Promise.all([1, 2].map(() => new DepartureRunner(world.receiveDeps).runDue(impatient)));
  expect(world.log.records.filter((record) => record.trigger === 'sweep')).toMatchObject([{ operation: 'role-revoke', outcome: 'success' }]);
  expect((await world.endUsers.readDeparted(id))?.roleIds).toEqual([]);
});

it('a log that cannot be written undoes the action', async () => {
  const ctx = provider({ onDelete: { action: 'remove-roles', graceDays: 1 } });
  const id = await create(ctx);
  await world.service.remove(ctx, 'User', id);
  laterBy(1);
  world.log.failOnce((operation) => operation.outcome === 'success');
  await runDue();
  expect((await world.endUsers.readDeparted(id))?.roleIds).toEqual([ROLES.authenticated]);
});

it('a person who became a super admin meanwhile is left alone, once and for all, and the log says so', async () => {
  const ctx = provider({ onDeactivate: { action: 'delete', graceDays: 1 } }, { population: 'admin-users' });
  const id = await create(ctx);
  await patch(ctx, id, false);
  await world.adminUsers.editByHand(id, { roleIds: [ROLES.superAdmin] });
  laterBy(1);
  await runDue();
  expect(await world.adminUsers.readUser(id)).not.toBeNull();
  expect(world.log.records.at(-1)).toMatchObject({ operation: 'delete', outcome: 'refused', errorCode: 'protected' });
  expect(world.departures.rows).toEqual([]);
});

it('waits while the connection is switched off', async () => {
  const ctx = provider({ onDelete: { action: 'delete', graceDays: 1 } });
  const id = await create(ctx);
  await world.service.remove(ctx, 'User', id);
  world.connections.put({ ...ctx.connection, enabled: false });
  laterBy(1);
  await runDue();
  expect(await world.endUsers.readDeparted(id)).not.toBeNull();
  world.connections.put(ctx.connection);
  laterBy(1);
  await runDue();
  expect(await world.endUsers.readDeparted(id)).toBeNull();
});

it('a later event replaces what an earlier one had planned', async () => {
  const ctx = provider({ onDeactivate: { action: 'delete', graceDays: 1 }, onDelete: { action: 'block', graceDays: 0 } });
  const id = await create(ctx);
  await patch(ctx, id, false);
  await world.service.remove(ctx, 'User', id);
  laterBy(2);
  await runDue();
  expect(await world.endUsers.readDeparted(id)).toMatchObject({ resource: { userName: tombstoneOf(id).userName, active: false } });
});

it('reactivation says what it cancels', async () => {
  const ctx = provider({ onDeactivate: { action: 'anonymise', graceDays: 5 } });
  const id = await create(ctx);
  await patch(ctx, id, false);
  expect(messages().at(-1)).toMatch(/^Deactivated\. On \d{4}-\d\d-\d\d the account is anonymised\.$/);
  await patch(ctx, id, true);
  expect(messages().at(-1)).toMatch(/^Activated again\. Cancelled: on \d{4}-\d\d-\d\d the account would have been anonymised\.$/);
});

it('erases under the name the person had, and looks once more for what was on its way', async () => {
  const ctx = provider({ onDelete: { action: 'anonymise', graceDays: 0 } });
  const id = await create(ctx);
  await world.service.remove(ctx, 'User', id);
  const { userName: replacement } = tombstoneOf(id);
  expect(world.erased).toEqual([{ population: 'end-users', scimId: id, userName: 'ada', alsoKnownAs: expect.any(Array) as string[], replacement }]);
  expect(world.log.records.at(-1)).toMatchObject({ objectName: replacement, outcome: 'success' });
  const rows = world.log.records.length;
  laterBy(1);
  await runDue();
  expect(world.erased).toHaveLength(2);
  expect(world.log.records).toHaveLength(rows);
  expect(await runDue()).toBe(0);
});

it('a re-hire never takes what another connection kept', async () => {
  const policies = { onDelete: { action: 'block', graceDays: 0 } } as const;
  const [ctx, other] = [provider(policies), provider(policies)];
  const id = await create(ctx);
  const departed = await world.endUsers.readUser(id);
  await world.service.remove(ctx, 'User', id);
  const elsewhere = await world.endUsers.readUser(await create(other));
  expect(elsewhere?.accountId).not.toBe(departed?.accountId);
  await world.service.remove(other, 'User', elsewhere?.ref ?? '');
  expect((await world.endUsers.readUser(await create(ctx)))?.accountId).toBe(departed?.accountId);
});

it('a released account that another connection took over is not taken back by its name', async () => {
  const ctx = provider({ onDelete: { action: 'nothing', graceDays: 0 } });
  const other = provider({});
  await world.service.remove(ctx, 'User', await create(ctx));
  const [free] = await world.endUsers.findUsers({ attribute: 'userName', value: 'ada' });
  await world.service.replace(other, 'User', free?.ref ?? '', { schemas: [], userName: 'ada', title: 'Theirs' });
  await expect(create(ctx)).rejects.toMatchObject({ code: 'uniqueness' });
});

it('what `nothing` left usable is not sent to targets as inactive, nor back to where it came from', async () => {
  const ctx = provider({ onDeactivate: { action: 'nothing', graceDays: 0 } });
  const { target } = world.addTarget();
  const own = world.addTarget({ system: ctx.connection.system });
  const id = await create(ctx);
  await world.settle();
  target.forgetRequests();
  await patch(ctx, id, false);
  await world.settle();
  expect((await read(ctx, id)).active).toBe(false);
  expect(target.user('ada')).toMatchObject({ active: true });
  expect(own.target.writes).toEqual([]);
  await world.endUsers.editByHand(id, { email: 'new@x.example' });
  expect(await read(ctx, id)).toMatchObject({ active: false, emails: [{ value: 'new@x.example' }] });
});
