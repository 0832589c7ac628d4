/** The SQL stores keep the same contract as the in-memory ones that the engine is tested with, on every database. */
import { describeDepartureStore } from '../helpers/memory/contracts/departure-store';
import { describeGuardWindow, describeHoldStore } from '../helpers/memory/contracts/guard-stores';
import { describeGrantStore } from '../helpers/memory/contracts/grant-store';
import { describeGroupStore } from '../helpers/memory/contracts/group-store';
import { describeLinkStore } from '../helpers/memory/contracts/link-store';
import { describeAssignmentStore, describeStandingStore } from '../helpers/memory/contracts/scope-stores';
import { describePullStore } from '../helpers/memory/contracts/pull-store';
import { describePushedMembers } from '../helpers/memory/contracts/pushed-members';
import { describeScheduleStore } from '../helpers/memory/contracts/schedule-store';
import { describeTargetHealth } from '../helpers/memory/contracts/target-health';
import { describeOutbox } from '../helpers/memory/contracts/outbox';
import { describeReadMarks } from '../helpers/memory/contracts/read-marks';
import { describeTransitionStore } from '../helpers/memory/contracts/transition-store';
import { describeRunStore } from '../helpers/memory/contracts/run-store';
import { MemoryClock } from '../helpers/memory/clock';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { TABLES } from '../../server/src/models';
import { SqlAssignmentStore } from '../../server/src/strapi/assignment-store';
import { SqlCycleSource } from '../../server/src/strapi/cycle-source';
import { SqlConnectionStore } from '../../server/src/strapi/connection-store';
import { Database } from '../../server/src/strapi/database';
import { SqlDepartureStore } from '../../server/src/strapi/departure-store';
import { SqlGrantStore } from '../../server/src/strapi/grant-store';
import { SqlGroupStore } from '../../server/src/strapi/group-store';
import { SqlGuardWindow } from '../../server/src/strapi/guard-window';
import { SqlHoldStore } from '../../server/src/strapi/hold-store';
import { SqlLinkStore } from '../../server/src/strapi/link-store';
import { SqlPullStore } from '../../server/src/strapi/pull-store';
import { SqlPlanMembers } from '../../server/src/strapi/plan-members';
import { SqlReadMarks } from '../../server/src/strapi/read-marks';
import { SqlRunStore } from '../../server/src/strapi/run-store';
import { SqlPushedMembers } from '../../server/src/strapi/pushed-members';
import { SqlScheduleStore } from '../../server/src/strapi/schedule-store';
import { SqlStandingStore } from '../../server/src/strapi/standing-store';
import { SqlTransitionStore } from '../../server/src/strapi/transition-store';
import { SqlTargetHealthStore } from '../../server/src/strapi/target-health';
import { SqlOutbox } from '../../server/src/strapi/outbox';
import { DEFAULT_POLICIES } from '../../server/src/domain/connection/policies';

let booted: BootedStrapi;

beforeAll(async () => {
  // The plugin's own worker would take the markers away.
  booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { worker: false } } } } });
});
afterAll(() => booted.stop());

async function harness() {
  const { strapi } = booted;
  const database = new Database(strapi);
  const clock = new MemoryClock();
  for (const table of Object.values(TABLES)) await strapi.db.connection(table).delete();
  await strapi.db.query('plugin::users-permissions.user').deleteMany({});
  const connections = new SqlConnectionStore(database, clock);
  const fields = {
    direction: 'inbound', population: 'end-users', system: 'test', preset: 'generic', enabled: true,
    targetUrl: '', credential: null, defaultRoleId: null, roleMappings: [], policies: DEFAULT_POLICIES,
  } as const;
  const first = await connections.create({ ...fields, roleMappings: [], name: 'First' });
  const second = await connections.create({ ...fields, roleMappings: [], name: 'Second' });
  const connectionIds: [number, number] = [first.id, second.id];
  const scimIdOf = async (population: string, accountId: number): Promise<string> =>
    (await strapi.db.connection(TABLES.identities).where({ population, account_id: accountId }).first('scim_id')).scim_id;
  return {
    unitOfWork: database,
    database,
    clock,
    connectionIds,
    addUser: async (userName: string): Promise<string> => {
      const account = await strapi.plugin('users-permissions').service('user').add({ username: userName, email: `${userName}@x.example`, provider: 'local' });
      return scimIdOf('end-users', account.id);
    },
    addForeignUser: async (userName: string): Promise<string> => {
      const account = await strapi.service('admin::user').create({ firstname: userName, email: `${userName}@admin.example`, isActive: true });
      return scimIdOf('admin-users', account.id);
    },
  };
}

describeLinkStore('SQL', async () => {
  const parts = await harness();
  return { ...parts, store: new SqlLinkStore(parts.database, parts.clock) };
});

describePullStore('SQL', async () => {
  const parts = await harness();
  const { database, clock } = parts;
  return { ...parts, store: new SqlPullStore(database), links: new SqlLinkStore(database, clock), groups: new SqlGroupStore(database, clock) };
});

describeAssignmentStore('SQL', async () => {
  const parts = await harness();
  return { ...parts, store: new SqlAssignmentStore(parts.database, parts.clock) };
});

describeStandingStore('SQL', async () => {
  const parts = await harness();
  return { ...parts, store: new SqlStandingStore(parts.database) };
});

describePushedMembers('SQL', async () => {
  const parts = await harness();
  return { ...parts, store: new SqlPushedMembers(parts.database), links: new SqlLinkStore(parts.database, parts.clock) };
});

describeReadMarks('SQL', async () => {
  const parts = await harness();
  return { ...parts, marks: new SqlReadMarks(parts.database), links: new SqlLinkStore(parts.database, parts.clock) };
});

describeDepartureStore('SQL', async () => {
  const parts = await harness();
  return { ...parts, store: new SqlDepartureStore(parts.database, parts.clock) };
});

describeGrantStore('SQL', async () => {
  const parts = await harness();
  return { ...parts, store: new SqlGrantStore(parts.database) };
});

describeOutbox('SQL', async () => {
  const parts = await harness();
  return { ...parts, outbox: new SqlOutbox(parts.database, parts.clock) };
});

describeRunStore('SQL', async () => {
  const parts = await harness();
  return { ...parts, outbox: new SqlOutbox(parts.database, parts.clock), runs: new SqlRunStore(parts.database, parts.clock), planMembers: new SqlPlanMembers(parts.database) };
});

describeTransitionStore('SQL', async () => {
  const parts = await harness();
  return { ...parts, outbox: new SqlOutbox(parts.database, parts.clock), transitions: new SqlTransitionStore(parts.database, parts.clock, () => undefined) };
});

describeTargetHealth('SQL', async () => {
  const { database, clock, connectionIds } = await harness();
  const store = (): SqlTargetHealthStore => new SqlTargetHealthStore(database, clock);
  return { stores: [store(), store()], connectionIds, letTimePass: () => clock.advance(1_000) };
});

describeGroupStore('SQL', async () => {
  const parts = await harness();
  return { ...parts, store: new SqlGroupStore(parts.database, parts.clock) };
});

describeScheduleStore('SQL', async () => {
  const parts = await harness();
  const instance = () => new SqlScheduleStore(parts.database, parts.clock);
  return { ...parts, store: instance(), other: instance() };
});

describeGuardWindow('SQL', async () => {
  const parts = await harness();
  return { ...parts, links: new SqlLinkStore(parts.database, parts.clock), store: new SqlGuardWindow(parts.database, parts.clock) };
});

describeHoldStore('SQL', async () => {
  const parts = await harness();
  return { ...parts, store: new SqlHoldStore(parts.database, parts.clock) };
});

it('cycle source: who is linked and gone comes in pages of bounded work, also through stretches where everybody lives', async () => {
  const { database, clock, connectionIds: [first, second], addUser } = await harness();
  const links = new SqlLinkStore(database, clock);
  const link = (connectionId: number, localId: string) => links.save({ connectionId, objectType: 'User', localId, remoteId: `r-${connectionId}-${localId}`, externalId: null, kept: null, snapshot: null, hash: null, state: 'linked' });
  const living = await Promise.all(['ada', 'bob', 'cyd', 'dee'].map(addUser));
  const gone = Array.from({ length: 7 }, (_, index) => `${index}f000000-0000-4000-8000-000000000000`);
  for (const id of [...living, ...gone]) await link(first, id);
  await link(second, '00000000-0000-4000-8000-000000000000');
  const source = new SqlCycleSource(database);
  const found: string[] = [];
  let pages = 0;
  for (let after: string | null = ''; after !== null; pages += 1) {
    const page = await source.orphans(first, after, 3, 2);
    expect(page.ids.length).toBeLessThanOrEqual(2);
    found.push(...page.ids);
    after = page.next;
  }
  expect(found).toEqual(gone);
  expect(pages).toBe(6);
  expect(await source.orphans(first, '', 3)).toEqual({ ids: gone.slice(0, 3), next: gone[2] });
});
