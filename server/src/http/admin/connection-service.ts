import type { Core } from '@strapi/types';
import type {
  ConnectionInfo,
  ConnectionInput,
  ConnectionTestResult,
  ConnectionUpdate,
  ConnectionWithToken,
  RoleInfo,
  Population,
} from '../../contracts/connection';
import { OBJECT_TYPES } from '../../contracts/operation';
import type { Quarantine } from '../../contracts/failure';
import type { OutboundPolicies } from '../../contracts/scope';
import type { Container } from '../../container';
import { DEFAULT_GUARD, guardOf, mergeGuard } from '../../domain/guard/limits';
import { hearsOfGroups, DEFAULT_OUTBOUND, mergeOutbound, outboundOf } from '../../domain/connection/outbound';
import { DEFAULT_POLICIES } from '../../domain/connection/policies';
import { isPushed } from '../../domain/connection/connection';
import { canonicalJson } from '../../domain/diff/canonical';
import { ProvisioningError } from '../../domain/errors';
import type { TargetHealth } from '../../ports/target-health';
import type { ConnectionFields, StoredConnection } from '../../strapi/connection-store';
import { unlimited } from '../../strapi/token-store';
import { pluginBasePath, publicOrigin } from '../scim/base-path';
import { checkWritable } from './attributes';
import { testInbound } from './inbound-test';
import { refuseMissingGroups, refuseWrongScope } from './scope-service';
import { ONLY_ADMIN_USERS, refuseField } from './validation';

const QUEUE_BATCH = 500;

const NO_KEY =
  'Strapi has no encryption key, so the token cannot be stored safely. Set ENCRYPTION_KEY in the environment and secrets.encryptionKey in config/admin, restart Strapi and save again.';

const sameOrigin = (a: string, b: string): boolean => URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin;

const namedRoles = ({ roleMappings, defaultRoleId }: StoredConnection): number[] => [
  ...new Set([...roleMappings.map(({ roleId }) => roleId), ...(defaultRoleId === null ? [] : [defaultRoleId])]),
];

/** What of it decides about people; pace and time of sending do not. */
const decisive = ({ requestsPerMinute: _pace, realTime: _when, drift: _drift, ...rest }: OutboundPolicies): Omit<OutboundPolicies, 'requestsPerMinute' | 'realTime' | 'drift'> => rest;

const quarantineOf = (health: TargetHealth | undefined): Quarantine | null =>
  health === undefined || health.quarantinedSince === null
    ? null
    : { since: new Date(health.quarantinedSince).toISOString(), reason: health.reason, nextProbeAt: new Date(health.blockedUntil).toISOString() };

/** Connections as people administer them. */
export class ConnectionService {
  constructor(
    private readonly strapi: Core.Strapi,
    private readonly container: Container
  ) {}

  async list(): Promise<ConnectionInfo[]> {
    return this.describe(await this.container.connections.all());
  }

  async get(id: number): Promise<ConnectionInfo | null> {
    const stored = await this.stored(id);
    if (!stored) return null;
    const [info] = await this.describe([stored]);
    return info ?? null;
  }

  async stored(id: number): Promise<StoredConnection | null> {
    return (await this.container.connections.all()).find((connection) => connection.id === id) ?? null;
  }

  async create(input: ConnectionInput): Promise<ConnectionWithToken> {
    checkWritable(this.strapi, input.population, input.policies?.writableAttributes ?? []);
    await this.checkRoles(input.population, input, input.policies?.allowSuperAdmin ?? false);
    const fields: ConnectionFields = {
      name: input.name,
      direction: input.direction,
      ...(input.source === undefined ? {} : { source: input.source }),
      population: input.population,
      system: input.system ?? input.name,
      preset: input.preset ?? 'generic',
      enabled: input.enabled ?? true,
      targetUrl: input.baseUrl ?? '',
      credential: this.seal(input.bearerToken),
      defaultRoleId: input.defaultRoleId ?? null,
      roleMappings: input.roleMappings ?? [],
      policies: { ...DEFAULT_POLICIES, ...input.policies },
      outbound: mergeOutbound(DEFAULT_OUTBOUND, input.outbound ?? null),
      guard: mergeGuard(DEFAULT_GUARD, input.guard ?? null),
    };
    await refuseWrongScope(this.container, input.population, fields.outbound?.scope ?? null, 'outbound.scope');
    await refuseMissingGroups(this.container, input.population, input.outbound?.groups?.only);
    const created = await this.container.connections.create(fields);
    const issued = isPushed(created) ? await this.container.tokens.issue(created.id, unlimited('first token')) : null;
    return { connection: await this.described(created.id), token: issued?.secret ?? null, clientId: null };
  }

  async update(id: number, input: ConnectionUpdate): Promise<ConnectionInfo | null> {
    const stored = await this.stored(id);
    if (!stored) return null;
    if (isPushed(stored) && input.baseUrl !== undefined) refuseField('baseUrl', 'An inbound connection gets its address from Strapi.');
    if (isPushed(stored) && input.bearerToken !== undefined) refuseField('bearerToken', 'An inbound connection gets its token from Strapi.');
    if (input.baseUrl !== undefined && input.bearerToken === undefined && stored.credential !== null && !sameOrigin(input.baseUrl, stored.targetUrl)) {
      // Or whoever may edit a connection could have its token sent to a server of their own.
      refuseField('bearerToken', 'The address is another server: enter the token for it.');
    }
    if (stored.direction === 'outbound' && input.policies !== undefined) refuseField('policies', 'Policies belong to inbound connections.');
    if (stored.direction === 'inbound' && input.outbound !== undefined) refuseField('outbound', 'A scope belongs to outbound connections.');
    const outbound = mergeOutbound(outboundOf(stored), input.outbound ?? null);
    if (input.outbound?.scope !== undefined) await refuseWrongScope(this.container, stored.population, outbound.scope, 'outbound.scope');
    await refuseMissingGroups(this.container, stored.population, input.outbound?.groups?.only);
    // How fast it may go says nothing of who takes part.
    const isOtherScope = canonicalJson(decisive(outbound)) !== canonicalJson(decisive(outboundOf(stored)));
    if (stored.population === 'end-users' && input.policies?.allowSuperAdmin) refuseField('policies.allowSuperAdmin', ONLY_ADMIN_USERS);
    checkWritable(this.strapi, stored.population, input.policies?.writableAttributes ?? []);
    const policies = { ...stored.policies, ...input.policies };
    const { allowSuperAdmin } = policies;
    const switchedOff = stored.policies.allowSuperAdmin && !allowSuperAdmin;
    await this.checkRoles(stored.population, switchedOff ? { roleMappings: stored.roleMappings, ...input } : input, allowSuperAdmin);
    await this.container.connections.update(id, {
      ...stored,
      name: input.name ?? stored.name,
      system: input.system ?? stored.system,
      preset: input.preset ?? stored.preset,
      enabled: input.enabled ?? stored.enabled,
      targetUrl: input.baseUrl ?? stored.targetUrl,
      credential: input.bearerToken === undefined ? stored.credential : this.seal(input.bearerToken),
      defaultRoleId: input.defaultRoleId === undefined ? stored.defaultRoleId : input.defaultRoleId,
      roleMappings: input.roleMappings ?? stored.roleMappings,
      policies,
      outbound,
      guard: mergeGuard(guardOf(stored), input.guard ?? null),
    }, { requeue: isOtherScope });
    if (isOtherScope) await this.container.requeue.run();
    if (input.roleMappings !== undefined || allowSuperAdmin !== stored.policies.allowSuperAdmin) await this.reapplyRoles(id);
    if (stored.direction === 'outbound' && input.baseUrl !== undefined && input.baseUrl !== stored.targetUrl) await this.forgetTarget(id);
    await this.container.delivery.unblock(id);
    await this.container.deliveryStates.tryNow(id);
    this.container.worker.wake();
    return this.described(id);
  }

  async remove(id: number): Promise<void> {
    const stored = await this.stored(id);
    await this.container.connections.remove(id);
    if (stored?.direction !== 'inbound') return;
    // Its groups are gone, and nobody hears of each of their members.
    const listening = (await this.container.connections.all()).filter((other) => other.direction === 'outbound' && hearsOfGroups(other));
    for (const other of listening) await this.container.connections.update(other.id, other, { requeue: true });
    if (listening.length > 0) await this.container.requeue.run();
  }

  async test(id: number): Promise<ConnectionTestResult | null> {
    const stored = await this.stored(id);
    if (!stored) return null;
    if (isPushed(stored)) {
      const { tokens } = await this.described(id);
      return testInbound(stored, tokens, this.container.addressNotices.isBehindUntrustedProxy(id), this.container.now());
    };
    try {
      const target = await this.container.targets.open(stored);
      return await target.probe();
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      return { ok: false, steps: [{ name: 'Credentials', ok: false, message: error.message, durationMs: 0 }] };
    }
  }

  /** Queues everyone of the population; who is in step already costs no request. */
  /** Looks at everybody as a run. Answers it, and how many people that are. */
  async provisionAll(id: number, actor: string): Promise<{ runId: number; queued: number } | null> {
    const stored = await this.stored(id);
    if (!stored || stored.direction === 'inbound') return null;
    const run = await this.container.runs.start({ connection: stored, trigger: 'on-demand', cycle: 'full', actor });
    await this.container.markGroupsOf(id, 'all');
    this.container.worker.wake();
    return { runId: run.id, queued: await this.container.deliveryStates.people(stored.population) };
  }

  /** What waits for a better time is tried now, also in quarantine. Answers how many changes wait; null: no such outbound connection. */
  async tryNow(id: number): Promise<number | null> {
    const stored = await this.stored(id);
    if (!stored || stored.direction === 'inbound') return null;
    await this.container.delivery.unblock(id);
    await this.container.deliveryStates.tryNow(id);
    this.container.worker.wake();
    return (await this.container.deliveryStates.byConnection()).get(id)?.pending ?? 0;
  }

  async retryFailed(id: number): Promise<number> {
    const queued = await this.container.deliveryStates.retryFailed(id);
    await this.container.delivery.unblock(id);
    this.container.worker.wake();
    return queued;
  }

  async roles(population: Population): Promise<RoleInfo[]> {
    const forbidden = await this.container.populations[population].directory.protectedRoleIds();
    const uid = population === 'end-users' ? 'plugin::users-permissions.role' : 'admin::role';
    const roles = (await this.strapi.db.query(uid).findMany({ orderBy: { name: 'asc' }, select: ['id', 'name'] })) as { id: number; name: string }[];
    return roles.map(({ id, name }) => ({ id, name, protected: forbidden.includes(id) }));
  }

  private seal(token: string | undefined): string | null {
    if (token === undefined) return null;
    const sealed = this.container.secrets.seal(token);
    return sealed ?? refuseField('bearerToken', NO_KEY);
  }

  /** A group may give a protected role (super admin) only where the connection allows it; a default role never is one. */
  private async checkRoles(
    population: Population,
    input: Pick<ConnectionInput, 'roleMappings' | 'defaultRoleId'>,
    allowSuperAdmin: boolean
  ): Promise<void> {
    if (!input.roleMappings?.length && !input.defaultRoleId) return;
    const roles = new Map((await this.roles(population)).map((role) => [role.id, role]));
    const check = (roleId: number, path: string, mayBeProtected: boolean): void => {
      const role = roles.get(roleId);
      if (!role) refuseField(path, 'This role does not exist (any more). Choose another one.');
      if (!role?.protected || mayBeProtected) return;
      if (population === 'admin-users') refuseField(path, `${role.name} can be given by a group only where the connection allows it, and never by default.`);
      refuseField(path, `${role.name} cannot be given by provisioning. Choose another role.`);
    };
    if (input.defaultRoleId) check(input.defaultRoleId, 'defaultRoleId', false);
    input.roleMappings?.forEach((mapping, index) => check(mapping.roleId, `roleMappings.${index}.roleId`, allowSuperAdmin));
  }

  /** A changed table holds for the members of today's groups too. */
  private async reapplyRoles(id: number): Promise<void> {
    const connection = await this.container.connections.get(id);
    if (!connection || connection.direction !== 'inbound') return;
    const ctx = { connection, actor: 'Change of the role table', correlationId: this.container.uuid(), baseUrl: '' };
    for (let offset = 0; ; offset += 100) {
      const groups = await this.container.groups.query({ connectionId: id }, offset, 100);
      for (const group of groups) await this.container.roles.tableChanged(ctx, group);
      if (groups.length < 100) break;
    }
    for (let after: number | null = 0; after !== null; ) after = await this.container.roles.tableChangedForUsers(ctx, after);
  }

  /** Another address may be another application: nobody is known there until they were looked up again. */
  private async forgetTarget(id: number): Promise<void> {
    const { database, links, outbox } = this.container;
    for (const type of OBJECT_TYPES) {
      for (let known = await links.page(id, type, QUEUE_BATCH); known.length > 0; known = await links.page(id, type, QUEUE_BATCH)) {
        await database.run(async () => {
          await outbox.mark([id], type, known, null);
          await links.removeMany(id, type, known);
        });
      }
    }
  }

  private async described(id: number): Promise<ConnectionInfo> {
    const info = await this.get(id);
    if (!info) throw new Error('The connection disappeared while it was being saved.');
    return info;
  }

  /** One query per population, however many connections. */
  private async missingRoles(connections: StoredConnection[]): Promise<Record<Population, Set<number>>> {
    const of = async (population: Population): Promise<Set<number>> => {
      const named = connections.filter((connection) => connection.population === population).flatMap(namedRoles);
      const present = named.length === 0 ? [] : await this.container.populations[population].directory.existingRoleIds(named);
      return new Set(named.filter((id) => !present.includes(id)));
    };
    return { 'end-users': await of('end-users'), 'admin-users': await of('admin-users') };
  }

  private async describe(connections: StoredConnection[]): Promise<ConnectionInfo[]> {
    const tokens = await this.container.tokens.list(connections.map((connection) => connection.id));
    const deliveries = await this.container.deliveryStates.byConnection();
    const holds = await this.container.holds.counts();
    const troubled = new Map((await this.container.health.troubled()).map((health) => [health.connectionId, health]));
    const origin = publicOrigin(this.strapi);
    const base = pluginBasePath(this.strapi);
    const missing = await this.missingRoles(connections);
    return connections.map((connection) => ({
      id: connection.id,
      key: connection.key,
      name: connection.name,
      direction: connection.direction,
      source: connection.direction === 'inbound' ? (connection.source ?? 'push') : null,
      population: connection.population,
      system: connection.system,
      preset: connection.preset,
      enabled: connection.enabled,
      baseUrl: isPushed(connection) ? `${origin}${base}/${connection.key}/scim/v2` : connection.targetUrl,
      tokenUrl: isPushed(connection) ? `${origin}${base}/${connection.key}/oauth/token` : null,
      review: connection.review,
      defaultRoleId: connection.defaultRoleId,
      roleMappings: connection.roleMappings,
      missingRoleIds: namedRoles(connection).filter((id) => missing[connection.population].has(id)),
      policies: connection.direction === 'inbound' ? connection.policies : null,
      outbound: connection.direction === 'outbound' ? outboundOf(connection) : null,
      guard: guardOf(connection),
      holds: holds.get(connection.id) ?? 0,
      tokens: tokens.get(connection.id) ?? [],
      credential: this.credentialState(connection),
      delivery:
        connection.direction === 'inbound'
          ? null
          : { ...(deliveries.get(connection.id) ?? { pending: 0, failed: 0, oldestPendingAt: null }), quarantine: quarantineOf(troubled.get(connection.id)) },
      createdAt: new Date(connection.createdAt).toISOString(),
      updatedAt: new Date(connection.updatedAt).toISOString(),
    }));
  }

  private credentialState({ credential }: StoredConnection): ConnectionInfo['credential'] {
    if (credential === null) return 'none';
    try {
      this.container.secrets.open(credential);
      return 'stored';
    } catch {
      return 'unreadable';
    }
  }
}
