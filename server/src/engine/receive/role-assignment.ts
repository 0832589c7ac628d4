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
      await this.deps.grants.add(
        ids.flatMap((identityId) =>
          mappings.map(({ roleId, priority }) => ({ identityId, roleId, priority, connectionId: ctx.connection.id, groupId: group.id }))
        )
      );
      await this.settle(ctx, ids, []);
    });
  }

  async membersRemoved(ctx: ScimRequestContext, group: Group, userIds: string[]): Promise<void> {
    await this.inBatches(userIds, async (ids) => {
      const before = await this.deps.grants.ofUsers(ids);
      const lost = before.filter((grant) => grant.groupId === group.id);
      if (lost.length === 0) return;
      await this.deps.grants.revokeGroup(group.id, ids);
      await this.settle(ctx, [...new Set(lost.map((grant) => grant.identityId))], lost.map((grant) => grant.roleId));
    });
  }

  /** After a rename or a change of the table: grants of the group are made anew from the present mappings. */
  async regrant(ctx: ScimRequestContext, group: Group, memberIds: string[]): Promise<void> {
    await this.membersRemoved(ctx, group, memberIds);
    await this.membersAdded(ctx, group, memberIds);
  }

  /** Sets each user's roles to what the grants now say. */
  private async settle(ctx: ScimRequestContext, ids: string[], revokedRoleIds: number[]): Promise<void> {
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
          revoked: revokedRoleIds,
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
