import type { OperationKind, Outcome } from '../../contracts/operation';
import type { Connection } from '../../domain/connection/connection';
import type { ErrorCode } from '../../contracts/error-codes';
import { normaliseName } from '../../domain/identity/normalise';
import { decideManyRoles, decideOneRole } from '../../domain/roles/effective-role';
import type { Group } from '../../ports/group-store';
import type { LocalDirectory, LocalUser } from '../../ports/local-directory';
import type { ScimRequestContext } from '../../ports/scim-service';
import { requestContext } from './context';
import type { ReceiveDeps } from './deps';

/** Users whose roles are settled at a time: bounds memory for groups of any size. */
const BATCH = 500;

/** Keeps roles equal to what the groups of the connections give. Runs inside the transaction of the group's change. */
export class RoleAssignment {
  constructor(private readonly deps: ReceiveDeps) {}

  /** Role mappings that name this group. */
  mappingsOf(connection: Connection, displayName: string): { roleId: number; priority: number }[] {
    const name = normaliseName(displayName);
    return connection.roleMappings.filter((mapping) => normaliseName(mapping.groupName) === name);
  }

  async membersAdded(ctx: ScimRequestContext, group: Group, userIds: string[]): Promise<void> {
    const mappings = this.mappingsOf(ctx.connection, group.displayName);
    if (mappings.length === 0) return;
    await this.inBatches(userIds, async (ids) => {
      const heldByHand = await this.heldByHand(ctx, ids);
      await this.deps.grants.add(
        ids.flatMap((identityId) =>
          mappings
            .filter(({ roleId }) => !heldByHand.has(`${identityId} ${roleId}`))
            .map(({ roleId, priority }) => ({ identityId, roleId, priority, connectionId: ctx.connection.id, groupId: group.id }))
        )
      );
      await this.settle(ctx, ids, new Map());
    });
  }

  async membersRemoved(ctx: ScimRequestContext, group: Group, userIds: string[]): Promise<void> {
    await this.inBatches(userIds, async (ids) => {
      const before = await this.deps.grants.ofUsers(ids);
      const lost = before.filter((grant) => grant.groupId === group.id);
      if (lost.length === 0) return;
      await this.deps.grants.revokeGroup(group.id, ids);
      const revoked = new Map<string, number[]>();
      for (const { identityId, roleId } of lost) revoked.set(identityId, [...(revoked.get(identityId) ?? []), roleId]);
      await this.settle(ctx, [...revoked.keys()], revoked);
    });
  }

  /** After a rename or a change of the table: grants of the group are made anew from the present mappings. */
  async regrant(ctx: ScimRequestContext, group: Group, memberIds: string[]): Promise<void> {
    await this.membersRemoved(ctx, group, memberIds);
    await this.membersAdded(ctx, group, memberIds);
  }

  /**
   * Roles of admin users that no group gave: a group that gives the same role later gives nothing, so that leaving it
   * takes nothing away. End users have one role, which priorities decide.
   */
  private async heldByHand(ctx: ScimRequestContext, ids: string[]): Promise<Set<string>> {
    if (ctx.connection.population === 'end-users') return new Set();
    const granted = new Set((await this.deps.grants.ofUsers(ids)).map(({ identityId, roleId }) => `${identityId} ${roleId}`));
    const users = await this.deps.directoryOf(ctx.connection.population).readUsers(ids);
    return new Set(users.flatMap((user) => user.roleIds.map((roleId) => `${user.ref} ${roleId}`)).filter((held) => !granted.has(held)));
  }

  /** Sets each user's roles to what the grants now say; `revoked` is what each user just lost. */
  private async settle(ctx: ScimRequestContext, ids: string[], revoked: ReadonlyMap<string, number[]>): Promise<void> {
    const directory = this.deps.directoryOf(ctx.connection.population);
    const users = await directory.readUsers(ids);
    const grants = await this.deps.grants.ofUsers(ids);
    const forbidden = new Set(await directory.protectedRoleIds());
    const siteDefaultRoleId = await directory.defaultRoleId();
    for (const user of users) {
      const own = grants.filter((grant) => grant.identityId === user.ref);
      const allowed = own.filter((grant) => !forbidden.has(grant.roleId));
      if (user.protection !== null) {
        await this.record(ctx, user, 'role-grant', 'refused', 'protected', user.protection);
        continue;
      }
      if (allowed.length < own.length) {
        await this.record(ctx, user, 'role-grant', 'refused', 'protected', 'A group may not grant the super-admin role.');
      }
      if (ctx.connection.population === 'end-users') {
        await this.settleOneRole(ctx, directory, user, allowed, siteDefaultRoleId);
      } else {
        const wanted = decideManyRoles({
          presentRoleIds: user.roleIds,
          granted: allowed.map((grant) => grant.roleId),
          revoked: revoked.get(user.ref) ?? [],
        });
        await this.change(ctx, directory, user, wanted);
      }
    }
  }

  private async settleOneRole(
    ctx: ScimRequestContext,
    directory: LocalDirectory,
    user: LocalUser,
    offers: { roleId: number; priority: number }[],
    siteDefaultRoleId: number | null
  ): Promise<void> {
    const decision = decideOneRole({
      presentRoleId: user.roleIds[0] ?? null,
      appliedRoleId: user.appliedRoleId,
      offers,
      connectionDefaultRoleId: ctx.connection.defaultRoleId,
      siteDefaultRoleId,
    });
    if (decision.change) await this.change(ctx, directory, user, [decision.roleId]);
    else if (decision.pinned) {
      await this.record(ctx, user, 'role-grant', 'skipped', null, 'The role was chosen by hand in Strapi and stays.');
    }
  }

  private async change(ctx: ScimRequestContext, directory: LocalDirectory, user: LocalUser, wanted: number[]): Promise<void> {
    const gained = wanted.filter((roleId) => !user.roleIds.includes(roleId));
    const lost = user.roleIds.filter((roleId) => !wanted.includes(roleId));
    if (gained.length === 0 && lost.length === 0) return;
    await directory.setRoles(user, wanted);
    const kind = gained.length > 0 ? 'role-grant' : 'role-revoke';
    const message = gained.length > 0 ? 'Role set by group membership.' : 'Role taken back: no group gives it any more.';
    await this.record(ctx, user, kind, 'success', null, message, { before: user.roleIds, after: wanted });
  }

  private async record(
    ctx: ScimRequestContext,
    user: LocalUser,
    operation: OperationKind,
    outcome: Outcome,
    errorCode: ErrorCode | null,
    message: string,
    roles?: { before: number[]; after: number[] }
  ): Promise<void> {
    const context = requestContext(ctx, 'User', operation, user.ref, String(user.resource.userName));
    await this.deps.log.record({
      at: this.deps.clock.now(),
      connectionId: ctx.connection.id,
      connectionName: ctx.connection.name,
      direction: ctx.connection.direction,
      population: ctx.connection.population,
      trigger: context.trigger,
      operation,
      outcome,
      objectType: 'User',
      objectId: user.ref,
      objectName: context.objectName,
      remoteId: null,
      errorCode,
      message,
      correlationId: ctx.correlationId,
      actor: ctx.actor,
      durationMs: 0,
      attempts: 1,
      count: 1,
      steps: [],
      changes: roles ? [{ path: 'roles', before: roles.before, after: roles.after }] : [],
      http: null,
    });
  }

  private async inBatches(ids: string[], work: (batch: string[]) => Promise<void>): Promise<void> {
    for (let start = 0; start < ids.length; start += BATCH) await work(ids.slice(start, start + BATCH));
  }
}
