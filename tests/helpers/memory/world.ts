import type { Population } from '../../../server/src/contracts/connection';
import type { Connection } from '../../../server/src/domain/connection/connection';
import { Delivery, type DeliveryDeps, type DeliveryOptions } from '../../../server/src/engine/push/delivery';
import type { PullRunDeps } from '../../../server/src/engine/pull/context';
import { PullApply } from '../../../server/src/engine/pull/pull-apply';
import { PullCycle } from '../../../server/src/engine/pull/pull-cycle';
import { OutboundCycle } from '../../../server/src/engine/run/outbound-cycle';
import { RunService } from '../../../server/src/engine/run/run-service';
import { Runner } from '../../../server/src/engine/run/runner';
import { ReadSummary } from '../../../server/src/engine/read-summary';
import { DepartureRunner } from '../../../server/src/engine/receive/departure-runner';
import type { ReceiveDeps } from '../../../server/src/engine/receive/deps';
import { ProviderService } from '../../../server/src/engine/receive/provider-service';
import type { ErasedPerson, Erasure } from '../../../server/src/ports/erasure';
import type { ScimRequestContext } from '../../../server/src/ports/scim-service';
import { MemoryAssignmentStore } from './assignment-store';
import { MemoryChangeMarker } from './change-marker';
import { MemoryClock } from './clock';
import { MemoryDepartureStore } from './departure-store';
import { MemoryConnectionStore } from './connection-store';
import { MemoryDirectory } from './directory';
import type { DecideHoldDeps } from '../../../server/src/engine/guard/decide-hold';
import { PushedGuard } from '../../../server/src/engine/guard/pushed-guard';
import { NO_LIMITS } from '../guard';
import { MemoryGuardWindow, MemoryHoldStore } from './guard-stores';
import { MemoryGrantStore } from './grant-store';
import { MemoryGroupStore } from './group-store';
import { MemoryIdSource } from './id-source';
import { MemoryLinkStore } from './link-store';
import { MemoryLocalDirectory, type AccountRow } from './local-directory';
import { MemoryOperationLog } from './operation-log';
import { MemoryOriginContext } from './origin-context';
import { MemoryCycleSource } from './cycle-source';
import { TransitionService } from '../../../server/src/engine/transition/transition-service';
import { TransitionWorker } from '../../../server/src/engine/transition/transition-worker';
import type { Transition } from '../../../server/src/domain/transition/transition';
import { MemoryTransitionStore } from './transition-store';
import { MemoryOutbox } from './outbox';
import { MemoryReadMarks } from './read-marks';
import { MemoryRunStore } from './run-store';
import { MemoryPullStore } from './pull-store';
import { MemoryPushedMembers } from './pushed-members';
import { MemorySource } from './source';
import type { SourceDirectory } from '../../../server/src/ports/directory';
import { MemorySourceGroups } from './source-groups';
import { MemoryResourceSearch, MemorySearchIndex } from './search';
import { MemoryStandingStore } from './standing-store';
import { MemoryAlerts } from './alerts';
import { MemoryTargetHealthStore } from './target-health';
import { MemoryTargetFactory } from './target-factory';
import { MemoryUnitOfWork } from './unit-of-work';
import { RESOURCE_TYPES } from '../../../server/src/scim/schema/resource-types';

/** Role ids of a fresh Strapi, as far as the tests name them. */
export const ROLES = { authenticated: 1, editor: 2, author: 3, reviewer: 4, superAdmin: 9 } as const;

export type World = ReturnType<typeof createWorld>;

/** The whole engine on memory: what container.ts is for Strapi. */
export function createWorld() {
  const clock = new MemoryClock();
  const ids = new MemoryIdSource();
  const database = new MemoryUnitOfWork();
  const origin = new MemoryOriginContext();
  const connections = new MemoryConnectionStore();
  const outbox = new MemoryOutbox(database, clock);
  const links = new MemoryLinkStore(database);
  const grants = new MemoryGrantStore(database);
  const log = new MemoryOperationLog(database);
  const departures = new MemoryDepartureStore(database);
  const assignments = new MemoryAssignmentStore(database, clock);
  const standings = new MemoryStandingStore(database);
  const targets = new MemoryTargetFactory();
  const health = new MemoryTargetHealthStore();
  const alerts = new MemoryAlerts();
  const accounts = database.table<AccountRow>();
  const changes = new MemoryChangeMarker(connections, outbox, database, origin);
  const groups = new MemoryGroupStore({
    database,
    clock,
    ids,
    accounts,
    populationOf: async (connectionId) => (await connections.get(connectionId))?.population ?? null,
    changed: async (connectionId, scimId) => {
      const provider = await connections.get(connectionId);
      if (provider !== null) await changes.groupsChanged(provider.population, [scimId]);
    },
  });

  const sourceGroups = new MemorySourceGroups(groups, connections, changes);
  const pushedMembers = new MemoryPushedMembers(database, links);

  const forget = async (scimId: string, accountId: number | null): Promise<void> => {
    await grants.removeUser(scimId);
    await groups.forgetUser(scimId);
    await links.removeKept(scimId);
    if (accountId !== null) await departures.removeAccount(accountId);
  };
  const local = { database, accounts, clock, ids, changes, forget };
  const endUsers = new MemoryLocalDirectory('end-users', { defaultRoleId: ROLES.authenticated, protectedRoleIds: [], emailIsUnique: true }, local);
  const adminUsers = new MemoryLocalDirectory('admin-users', { defaultRoleId: null, protectedRoleIds: [ROLES.superAdmin], emailIsUnique: true }, local);
  const directoryOf = (population: Population): MemoryLocalDirectory => (population === 'end-users' ? endUsers : adminUsers);

  /** Whom the engine asked to erase. */
  const erased: ErasedPerson[] = [];
  const erasure: Erasure = { erase: async (person) => void erased.push(person) };
  const search = new MemoryResourceSearch({ directoryOf, links, groups });
  const index = new MemorySearchIndex();
  const holds = new MemoryHoldStore(database, clock, outbox);
  const guardWindow = new MemoryGuardWindow(database, links);
  const guard = new PushedGuard({ clock, log, holds, window: guardWindow, unitOfWork: database, alerts });
  const decideHold: DecideHoldDeps = { clock, ids, log, unitOfWork: database, holds, window: guardWindow, keeper: guard.keeper, wake: () => undefined };
  const receiveDeps: ReceiveDeps = {
    guard, clock, ids, log, unitOfWork: database, origin, connections, links, groups, grants, changes, departures, erasure, search, index, directoryOf,
  };
  const reads = new ReadSummary(log, clock, () => ids.uuid());
  const service = new ProviderService(receiveDeps, reads);

  const errors: unknown[] = [];
  const runs = new MemoryRunStore(database, clock, outbox);
  const transitions = new MemoryTransitionStore(database, clock, outbox);
  const deliveryDeps: DeliveryDeps = {
    clock,
    ids,
    log,
    unitOfWork: database,
    links,
    directoryOf,
    outbox,
    connections,
    transitions,
    targets,
    health,
    alerts,
    runs,
    assignments,
    standings,
    groups,
    guard,
    userType: () => RESOURCE_TYPES.User,
    sourceGroups,
    pushedMembers,
    planMembers: runs.members,
    random: () => 0,
    onError: (error) => void errors.push(error),
  };

  const source = new MemoryCycleSource({ directoryOf, links, groups, outbox, populationOf: (id) => connections.known(id)?.population ?? 'end-users' });
  const pulls = new MemoryPullStore(links, groups);
  const sources = new Map<number, SourceDirectory>();
  const pullDeps: PullRunDeps = {
    ...receiveDeps, pulls, runs, source, onError: (error) => void errors.push(error),
    open: async (connection, { id, trigger, actor }) => {
      const application = sources.get(connection.id);
      if (application === undefined) throw new Error('The test has no source for this connection.');
      return { connection, source: application, types: RESOURCE_TYPES, trigger, actor, correlationId: 'pull-1', runId: id };
    },
  };
  const runWorker = new Runner(
    {
      clock,
      runs,
      connections,
      source,
      planner: new OutboundCycle({ ...deliveryDeps, runs, source, marks: new MemoryReadMarks(links) }, { parallel: 4 }),
      pulls: { planner: new PullCycle(pullDeps), applier: new PullApply(pullDeps) },
      wakeDelivery: () => undefined,
      forgetStandings: async (connectionId) => {
        if (!(await transitions.anyWord(connectionId))) await standings.removeAll(connectionId);
      },
      onState: () => undefined,
      random: () => 0,
      onError: (error) => void errors.push(error),
    },
    { owner: 'runner', leaseMs: 60_000 }
  );

  /** How transitions went. */
  const transitionStates: Transition[] = [];
  const transitionDeps = { ...deliveryDeps, transitions, erasure, wake: () => undefined, wakeDelivery: () => undefined, onState: (transition: Transition) => void transitionStates.push(transition) };

  const world = {
    runs,
    transitions,
    transitionStates,
    transitionService: new TransitionService(transitionDeps),
    transitionWorker: new TransitionWorker(transitionDeps),
    runService: new RunService({ runs, connections, source, wake: () => undefined }),
    runWorker,
    pulls,
    pullDeps,
    sources,
    clock,
    ids,
    database,
    origin,
    connections,
    outbox,
    links,
    grants,
    groups,
    log,
    targets,
    health,
    alerts,
    changes,
    index,
    endUsers,
    adminUsers,
    directoryOf,
    receiveDeps,
    departures,
    assignments,
    standings,
    sourceGroups,
    pushedMembers,
    erased,
    holds,
    guardWindow,
    decideHold,
    runner: new DepartureRunner(receiveDeps),
    deliveryDeps,
    reads,
    service,
    /** What went to the server's own log. */
    errors,

    /** A provider that sends users to this Strapi, and the context of its requests. */
    addProvider(fields: Partial<Connection> = {}): { connection: Connection; ctx: ScimRequestContext } {
      const connection = connections.put({ guard: NO_LIMITS, ...fields, direction: 'inbound' });
      return { connection, ctx: contextOf(connection) };
    },

    /** An application whose people are brought to this Strapi. */
    addSource(fields: Partial<Connection> = {}): { connection: Connection; source: MemorySource } {
      const connection = connections.put({ guard: NO_LIMITS, ...fields, direction: 'inbound', source: 'pull' });
      const application = new MemorySource();
      sources.set(connection.id, application);
      return { connection, source: application };
    },

    /** An application that users of this Strapi are sent to. */
    addTarget(fields: Partial<Connection> = {}): { connection: Connection; target: MemoryDirectory } {
      const connection = connections.put({ guard: NO_LIMITS, ...fields, direction: 'outbound' });
      const target = new MemoryDirectory(`c${connection.id}-`);
      targets.set(connection.id, target);
      return { connection, target };
    },

    delivery(options: Partial<DeliveryOptions> = {}, deps: Partial<DeliveryDeps> = {}): Delivery {
      return new Delivery({ ...deliveryDeps, ...deps }, { owner: 'worker', parallel: 1, leaseMs: 60_000, ...options });
    },

    /** Moves runs on and delivers what they hand over, until no run is planning or applying. */
    async finishRuns(delivery: Delivery = world.delivery(), rounds = 200): Promise<void> {
      for (let round = 0; round < rounds; round += 1) {
        const due = await runWorker.drain(() => false);
        const next = (await delivery.drain(() => false)) ?? due;
        if (runs.rows.every((run) => run.state !== 'planning' && run.state !== 'applying')) return;
        clock.advanceTo(Math.max(clock.now() + 1_000, next ?? 0));
      }
      throw new Error('A run does not end.');
    },

    /** Delivers everything, letting time pass for whatever waits; ends when nothing does, or after so many rounds. */
    async settle(delivery: Delivery = world.delivery(), rounds = 200): Promise<void> {
      for (let round = 0; round < rounds; round += 1) {
        const next = await delivery.drain(() => false);
        if (next === null && outbox.rows.every((row) => row.state === 'failed')) return;
        // Also long enough for the lease of a worker that died to run out.
        clock.advanceTo(next ?? clock.now() + 120_000);
      }
      throw new Error('Something still waits to be delivered.');
    },
  };
  return world;
}

export const contextOf = (connection: Connection): ScimRequestContext => ({
  connection,
  actor: 'Token 1',
  correlationId: 'request-1',
  baseUrl: `https://cms.example/api/user-provisioning/${connection.key}/scim/v2`,
  types: RESOURCE_TYPES,
  scopes: [],
});
