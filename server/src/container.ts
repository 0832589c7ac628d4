import { randomUUID } from 'node:crypto';
import type { Core } from '@strapi/types';
import { parseConfig, type ResolvedConfig } from './config';
import type { Population } from './contracts/connection';
import type { Maintenance } from './contracts/maintenance';
import type { Connection } from './domain/connection/connection';
import { AnnouncedLog } from './engine/announced-log';
import { Delivery } from './engine/push/delivery';
import { markGroups } from './engine/push/mark-groups';
import { OutboundCycle } from './engine/run/outbound-cycle';
import { ProvisionOne } from './engine/run/provision-one';
import { RunService } from './engine/run/run-service';
import { tellOfTransition } from './engine/transition/transition-events';
import { tellOfRun } from './engine/run/run-events';
import { Runner } from './engine/run/runner';
import { wakeLeavers } from './engine/push/wake-leavers';
import { TransitionService } from './engine/transition/transition-service';
import { TransitionWorker } from './engine/transition/transition-worker';
import { Scheduler } from './engine/scheduler';
import type { DecideHoldDeps } from './engine/guard/decide-hold';
import { PushedGuard } from './engine/guard/pushed-guard';
import { ReadSummary } from './engine/read-summary';
import { ProviderService } from './engine/receive/provider-service';
import { RefusalLog } from './engine/receive/refusal-log';
import { PullApply } from './engine/pull/pull-apply';
import { PullCycle } from './engine/pull/pull-cycle';
import type { PullRunDeps } from './engine/pull/context';
import { DeletedRole } from './engine/receive/deleted-role';
import type { ReceiveDeps } from './engine/receive/deps';
import { DepartureRunner } from './engine/receive/departure-runner';
import { RoleAssignment } from './engine/receive/role-assignment';
import { AddressNotices } from './http/scim/access/address-notices';
import { Authenticator } from './http/scim/access/authenticator';
import { RateLimiter } from './http/scim/access/rate-limiter';
import { TokenCache } from './http/scim/access/token-cache';
import { DepartureJob } from './jobs/departures';
import { Loop } from './jobs/loop';
import { ScheduleJob } from './jobs/schedules';
import { Sweeper } from './jobs/sweeper';
import { ProvisioningError } from './domain/errors';
import type { Run } from './domain/run/run';
import { breakGlassNames } from './domain/roles/protection';
import { createScimServer, type ScimServer } from './scim/server/scim-server';
import { AdminUsers } from './strapi/accounts/admin-users';
import { EndUsers } from './strapi/accounts/end-users';
import { SqlCycleSource } from './strapi/cycle-source';
import { OutboxChangeMarker } from './strapi/change-marker';
import { SqlAssignmentStore } from './strapi/assignment-store';
import { Continuity } from './strapi/continuity';
import { Witness } from './strapi/witness';
import { SqlDepartureStore } from './strapi/departure-store';
import { SqlErasure } from './strapi/erasure';
import { SqlConnectionStore } from './strapi/connection-store';
import { PasswordHasher } from './strapi/accounts/password-hasher';
import { Database } from './strapi/database';
import { StrapiAlerts } from './strapi/alerts';
import { DeliveryStates } from './strapi/delivery-state';
import { StrapiEvents } from './strapi/event-hub';
import { FailedChanges } from './strapi/failed-changes';
import { SqlRequestBudget } from './strapi/request-budget';
import { SqlTargetHealthStore } from './strapi/target-health';
import { ExtensionSchema } from './strapi/extension/schema';
import { SqlGrantStore } from './strapi/grant-store';
import { SqlGroupStore } from './strapi/group-store';
import { SqlGuardWindow } from './strapi/guard-window';
import { SqlHoldStore } from './strapi/hold-store';
import { IdentityStore } from './strapi/identity-store';
import { SqlLinkStore } from './strapi/link-store';
import { MaintenancePause } from './strapi/maintenance';
import { SqlScheduleStore } from './strapi/schedule-store';
import { SqlMappingStore } from './strapi/mapping-store';
import { StrapiDirectory } from './strapi/local-directory';
import { SqlOperationLog } from './strapi/operation-log';
import { LogSeals } from './strapi/log-seals';
import { sealKeyOf } from './strapi/seal-key';
import { OperationReader } from './strapi/operation-reader';
import { SqlPushedMembers } from './strapi/pushed-members';
import { StrapiSourceGroups } from './strapi/source-groups';
import { SqlOutbox } from './strapi/outbox';
import type { PopulationParts } from './strapi/population';
import { AccountIndex } from './strapi/search/account-index';
import { indexGroups } from './strapi/search/group-backfill';
import { LiveCounts } from './strapi/search/live-counts';
import { SqlResourceSearch } from './strapi/search/resource-search';
import { SqlSearchIndex } from './strapi/search/value-index';
import { SqlScopeCount } from './strapi/search/scope-count';
import { SecretBox } from './strapi/secret-box';
import { Reviews } from './strapi/reviews';
import { SqlPlanMembers } from './strapi/plan-members';
import { SqlReadMarks } from './strapi/read-marks';
import { SqlRunStore } from './strapi/run-store';
import { SqlPullStore } from './strapi/pull-store';
import { Requeue } from './strapi/requeue';
import { SqlStandingStore } from './strapi/standing-store';
import { sweepPopulation } from './strapi/sweep';
import { Targets } from './strapi/targets';
import { SqlTransitionStore } from './strapi/transition-store';
import { TokenHash } from './strapi/token-hash';
import { TokenStore } from './strapi/token-store';
import { WriteContext } from './strapi/write-context';

const clock = { now: () => Date.now() };

export type Container = ReturnType<typeof createContainer>;

/** Composition root: the only place that wires ports to adapters. */
export function createContainer(strapi: Core.Strapi) {
  const config: ResolvedConfig = parseConfig(strapi.config.get('plugin::user-provisioning'));
  const onError = (error: unknown): void => {
    strapi.log.error(error);
  };

  const database = new Database(strapi);
  const events = new StrapiEvents(strapi, database, onError);
  const context = new WriteContext();
  const maintenance = new MaintenancePause(strapi, clock, events);
  const unlessPaused = <T>(work: (isStopping: () => boolean) => Promise<T>) => async (isStopping: () => boolean): Promise<T | null> =>
    (await maintenance.isPaused()) ? null : work(() => isStopping() || maintenance.pausedWhenLastSeen);
  const connections = new SqlConnectionStore(database, clock);
  const outbox = new SqlOutbox(database, clock);
  const links = new SqlLinkStore(database, clock);
  const groups = new SqlGroupStore(database, clock, async (connectionId, scimId) => {
    const provider = await connections.get(connectionId);
    if (provider !== null) await changes.groupsChanged(provider.population, [scimId]);
  });
  const grants = new SqlGrantStore(database);
  const log = new AnnouncedLog(new SqlOperationLog(database), events);
  const logSeals = new LogSeals(database, clock, sealKeyOf(strapi, config.logKey));
  const secrets = new SecretBox(strapi);
  const targets = new Targets(strapi, connections, secrets, {
    connections: config.parallelDeliveries,
    timeoutMs: config.requestTimeoutMs,
    budgetOf: (id, perMinute) => new SqlRequestBudget(id, perMinute, database, clock),
  });
  const changes = new OutboxChangeMarker(connections, outbox, database, context, () => worker.wake());

  const passwords = new PasswordHasher(strapi);
  const searchIndex = new SqlSearchIndex(database);
  const counts = new LiveCounts(database, clock);
  const partsOf = (accounts: EndUsers | AdminUsers): PopulationParts => {
    const schema = new ExtensionSchema(accounts.extension.fields);
    const index = new AccountIndex(accounts.population, schema.typesFor([]).User, searchIndex, links, counts);
    const identities = new IdentityStore(database, clock, accounts.population, index.version);
    const directory = new StrapiDirectory(accounts, identities, changes, grants, database, context, passwords, index);
    return { accounts, identities, directory, index, changes, schema };
  };
  const breakGlass = breakGlassNames(config.breakGlassAccounts);
  const populations: Record<Population, PopulationParts> = {
    'end-users': partsOf(new EndUsers(strapi, database, breakGlass)),
    'admin-users': partsOf(new AdminUsers(strapi, database, breakGlass)),
  };
  const directoryOf = (population: Population): StrapiDirectory => populations[population].directory;

  const holds = new SqlHoldStore(database, clock);
  const guardWindow = new SqlGuardWindow(database, clock);
  const alerts = new StrapiAlerts(strapi.log, events, clock);
  const guard = new PushedGuard({ clock, log, holds, window: guardWindow, unitOfWork: database, alerts });

  const receiveDeps: ReceiveDeps = {
    clock,
    ids: { uuid: randomUUID },
    guard,
    log,
    unitOfWork: database,
    origin: context,
    connections,
    links,
    groups,
    grants,
    changes,
    departures: new SqlDepartureStore(database, clock),
    erasure: new SqlErasure(database, (population) => populations[population].identities),
    directoryOf,
    search: new SqlResourceSearch(database, counts, { timeLimitMs: config.searchTimeLimitMs }),
    index: searchIndex,
  };
  const reads = new ReadSummary(log, clock, randomUUID);
  const refusals = new RefusalLog(log, clock);
  const scimServer: ScimServer = createScimServer({
    service: new ProviderService(receiveDeps, reads),
    limits: { maxResults: config.maxResults, maxPayloadBytes: config.maxBodyBytes },
    onError,
    onDropped: (names, ctx) => {
      ctx.dropped = names;
    },
    onRefused: (error, request, ctx, cause) => refusals.record(error, request, ctx, cause),
  });

  const hash = new TokenHash(strapi);
  const tokens = new TokenStore(database, clock, hash);
  const addressNotices = new AddressNotices(clock, (message) => {
    strapi.log.warn(message);
  });
  const authenticator = new Authenticator({
    clock,
    hash,
    tokens,
    cache: new TokenCache(tokens, clock),
    connections,
    failures: new RateLimiter(clock),
    requests: new RateLimiter(clock),
    notices: addressNotices,
  });

  const assignments = new SqlAssignmentStore(database, clock);
  const standings = new SqlStandingStore(database);
  const health = new SqlTargetHealthStore(database, clock);
  const userType = (population: Population) => populations[population].schema.typesFor([]).User;
  const sourceGroups = new StrapiSourceGroups(strapi, database);
  const pushedMembers = new SqlPushedMembers(database);
  const planMembers = new SqlPlanMembers(database);
  /** Has the groups looked at that a connection keeps at its application. */
  const markGroupsOf = async (connectionId: number, which: 'all' | 'roles', isStopping?: () => boolean): Promise<void> => {
    const connection = await connections.get(connectionId);
    if (connection?.direction === 'outbound') await markGroups(connection, which, { links, outbox, sourceGroups }, isStopping);
  };
  const runStore = new SqlRunStore(database, clock);
  const cycleSource = new SqlCycleSource(database);
  const transitions: SqlTransitionStore = new SqlTransitionStore(database, clock, () => transitionLoop.wake());
  const pushDeps = {
    transitions, clock, ids: { uuid: randomUUID }, log, unitOfWork: database, links, directoryOf, outbox, connections, targets, assignments, standings, groups, userType, sourceGroups, pushedMembers, planMembers,
  };
  const delivery = new Delivery(
    { ...pushDeps, runs: runStore, guard, random: Math.random, onError, health, alerts },
    { owner: randomUUID(), parallel: config.parallelDeliveries, leaseMs: config.leaseMs, retries: config.retries }
  );
  const worker: Loop = new Loop(unlessPaused((isStopping) => delivery.drain(isStopping)), onError);

  const decideHold: DecideHoldDeps = { clock, ids: { uuid: randomUUID }, log, unitOfWork: database, holds, window: guardWindow, keeper: guard.keeper, wake: () => worker.wake() };
  const deliveryStates = new DeliveryStates(database, clock);
  const mappings = new SqlMappingStore(database, connections, clock);
  const ready = new Set<Population>();
  const sweeper = new Sweeper(
    async (isStopping) => {
      await indexGroups(database, searchIndex, isStopping);
      for (const population of Object.keys(populations) as Population[]) {
        const found = await sweepPopulation(strapi, database, populations[population], isStopping);
        if (found > 0) strapi.log.debug(`[user-provisioning] sweep: ${found} ${population} changed unnoticed.`);
        if (!isStopping()) ready.add(population);
        for (const { id } of await connections.outbound(population)) await markGroupsOf(id, 'roles', isStopping);
      }
      worker.wake();
    },
    config.sweepSchedule,
    onError
  );

  const told = (run: Run): void => void tellOfRun(run, { events, clock }).catch(onError);
  const pullDeps: PullRunDeps = {
    ...receiveDeps, pulls: new SqlPullStore(database), runs: runStore, source: cycleSource, onError,
    open: async (connection, { id, trigger, actor }) => ({
      connection, source: await targets.open(connection), types: populations[connection.population].schema.typesFor(connection.policies.writableAttributes),
      trigger, actor, correlationId: randomUUID(), runId: id,
    }),
  };
  const runner = new Runner(
    {
      clock,
      runs: runStore,
      connections,
      source: cycleSource,
      planner: new OutboundCycle({ ...pushDeps, source: cycleSource, marks: new SqlReadMarks(database), runs: runStore }, { parallel: config.parallelDeliveries }),
      pulls: { planner: new PullCycle(pullDeps), applier: new PullApply(pullDeps) },
      wakeDelivery: () => worker.wake(),
      forgetStandings: async (connectionId) => {
        if (!(await transitions.anyWord(connectionId))) await standings.removeAll(connectionId);
      },
      onState: (run) => {
        const { id, state, reasons } = run;
        told(run);
        if (state === 'waiting') strapi.log.warn(`[user-provisioning] Run ${id} waits for approval. ${reasons.join(' ')}`);
      },
      random: Math.random,
      onError,
    },
    { owner: randomUUID(), leaseMs: config.leaseMs }
  );
  const runLoop: Loop = new Loop(unlessPaused((isStopping) => runner.drain(isStopping)), onError);
  const runs = new RunService({ runs: runStore, connections, source: cycleSource, onState: told, wake: () => runLoop.wake() });
  const requeue = new Requeue(database, connections, runs);
  const leavers = new DepartureJob(async (isStopping) => {
    await requeue.run(isStopping);
    const woken = await wakeLeavers({ clock, standings, outbox, unitOfWork: database }, isStopping);
    if (woken > 0) worker.wake();
    return woken;
  }, onError);

  const transitionDeps = { ...pushDeps, erasure: receiveDeps.erasure, wake: () => transitionLoop.wake(), wakeDelivery: () => worker.wake() };
  const transitionWorker = new TransitionWorker({
    ...transitionDeps, random: Math.random, onError,
    onState: (transition) => void tellOfTransition(transition, { events, clock }).catch(onError),
  });
  const transitionLoop: Loop = new Loop(unlessPaused((isStopping) => transitionWorker.drain(isStopping)), onError);

  const departureRunner = new DepartureRunner(receiveDeps);
  const departures = new DepartureJob(async (isStopping) => (await unlessPaused((stop) => departureRunner.runDue(stop))(isStopping)) ?? 0, onError);

  const reviews = new Reviews(database, clock, connections, events);
  const continuity = new Continuity({ strapi, database, clock, secrets, reviews, witness: new Witness(strapi, config.watermarkFolder), uuid: randomUUID });
  const schedules = new SqlScheduleStore(database, clock);
  const scheduler = new Scheduler({
    clock,
    store: schedules,
    isOn: async (id) => (await connections.get(id))?.enabled ?? false,
    isPaused: () => maintenance.isPaused(),
    start: async (connectionId, cycle, { trigger, scheduleId }) => {
      const connection = await connections.get(connectionId);
      if (connection === null) throw new ProvisioningError('internal', `Connection ${connectionId} of schedule ${scheduleId} does not exist any more.`);
      try {
        await runs.start({ connection, trigger, cycle, actor: `Schedule ${scheduleId}` });
        return 'started';
      } catch (error) {
        // Another run is active, or a plan waits for approval.
        if (error instanceof ProvisioningError && error.code === 'conflict') return 'busy';
        throw error;
      }
    },
    onError,
  });

  return {
    config,
    /** Does what a plan says; who approved one of everybody has looked at what the connection would do. */
    async approve(run: Run, by: string): Promise<void> {
      await runs.approve(run, by);
      if (run.cycle === 'full' || run.cycle === 'reconcile') await reviews.clear(run.connectionId);
    },
    /** For what a person starts by hand and that would not go through the outbox. */
    async refuseHeld({ review }: Connection): Promise<void> {
      if (await maintenance.isPaused()) throw new ProvisioningError('conflict', 'This site is in maintenance: nothing is sent. Try again afterwards, or make a dry run.');
      if ((review ?? null) !== null) throw new ProvisioningError('conflict', 'This connection waits for a look: approve a plan of everybody first, or make a dry run.');
    },
    maintenance,
    async setMaintenance(paused: boolean, reason: string): Promise<Maintenance> {
      const state = await maintenance.set(paused, reason);
      if (!paused) {
        worker.wake();
        runLoop.wake();
      }
      return state;
    },
    reviews,
    continuity,
    /** Tells every minute that the database lives. */
    heartbeat: new DepartureJob(() => continuity.beat().then(() => 0), onError),
    schedules,
    scheduleJob: new ScheduleJob(scheduler, schedules, onError),
    departures,
    database,
    connections,
    groups,
    outbox,
    links,
    log,
    events,
    reads,
    secrets,
    targets,
    delivery,
    worker,
    sweeper,
    scimServer,
    refusals,
    populations,
    context,
    passwords,
    /** Resource types as a connection has them: with the Strapi extension, writable where its policies say so. */
    typesFor: ({ population, policies }: Connection) => populations[population].schema.typesFor(policies.writableAttributes),
    /** Whether an inbound connection manages the account. */
    async isProvisioned(population: Population, accountId: number): Promise<boolean> {
      const [identity] = await populations[population].identities.byAccountIds([accountId]);
      // Only inbound links keep what a provider wrote.
      return identity !== undefined && (await links.ofObject('User', identity.scimId)).some((link) => link.kept !== null);
    },
    receiveDeps,
    holds,
    guardWindow,
    decideHold,
    roles: new RoleAssignment(receiveDeps),
    deletedRoles: new DeletedRole(receiveDeps),
    tokens,
    authenticator,
    addressNotices,
    operations: new OperationReader(database),
    logSeals,
    sealLoop: new Loop((isStopping) => logSeals.drain(isStopping), onError),
    deliveryStates,
    health,
    failedChanges: new FailedChanges(database, clock),
    mappings,
    assignments,
    requeue,
    markGroupsOf,
    sourceGroups,
    runs,
    runStore,
    runLoop,
    transitions,
    transitionLoop,
    transitionService: new TransitionService(transitionDeps),
    provisionOne: new ProvisionOne({ ...pushDeps, delivery }),
    leavers,
    userType,
    scopeCount: new SqlScopeCount(database, { timeLimitMs: config.searchTimeLimitMs }, { counts, links, groups, assignments, directoryOf, userType, states: deliveryStates, partsOf: (population) => populations[population] }),
    uuid: randomUUID,
    now: clock.now,
    /** False until every account of the population has its identity: before that, uniqueness could not be promised. */
    isReady: (population: Population): boolean => ready.has(population),
    markReady: (population: Population): void => void ready.add(population),
  };
}
