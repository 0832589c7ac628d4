import type { ErrorCode } from '../../contracts/error-codes';
import type { ObjectType, OperationKind, Outcome } from '../../contracts/operation';
import { decideManyRoles, decideOneRole, startingRole, type OneRoleSituation, type RoleOffer } from '../../domain/roles/effective-role';
import type { Grant } from '../../ports/grant-store';
import type { LocalDirectory, LocalUser } from '../../ports/local-directory';
import type { ActorContext } from '../../ports/scim-service';
import { plainRecord } from '../plain-record';
import { requestContext } from './context';
import type { ReceiveDeps } from './deps';
import { lastSuperAdmin, protectedFrom } from './protection';

/** What just changed for each user, by SCIM id. */
export interface GrantChanges {
  given: ReadonlyMap<string, number[]>;
  revoked: ReadonlyMap<string, number[]>;
}

type DefaultRoles = Pick<OneRoleSituation, 'connectionDefaultRoleId' | 'siteDefaultRoleId'>;

/** Sets accounts to the roles that grants say, within what protection allows, and tells it in the log. */
export class RoleSettlement {
  constructor(private readonly deps: ReceiveDeps) {}

  async settle(ctx: ActorContext, users: LocalUser[], changes: GrantChanges): Promise<void> {
    if (users.length === 0) return;
    const directory = this.deps.directoryOf(ctx.connection.population);
    const ids = users.map((user) => user.ref);
    const all = await this.deps.grants.ofUsers(ids);
    const special = new Set(await directory.protectedRoleIds());
    // A super admin whom this connection's last such grant just left was its to manage until now.
    const hadSpecial = (id: string): boolean => changes.revoked.get(id)?.some((roleId) => special.has(roleId)) ?? false;
    const guarded = await protectedFrom(this.deps, ctx.connection, users);
    const withoutRoles = await this.withoutRoles(users);
    const defaults = { connectionDefaultRoleId: await this.ownDefault(ctx), siteDefaultRoleId: await directory.defaultRoleId() };
    for (const user of users) {
      if (withoutRoles.has(user.ref)) continue;
      const mayManage = !guarded.has(user.ref) || (user.protection?.reason === 'super-admin' && ctx.connection.policies.allowSuperAdmin && hadSpecial(user.ref));
      if (!mayManage) {
        await this.record(ctx, user, 'role-grant', 'refused', 'protected', user.protection?.message ?? '');
        continue;
      }
      const own = all.filter((grant) => grant.identityId === user.ref);
      const allowed = await this.allowed(own, special);
      if (own.some((grant) => !allowed.includes(grant) && grant.connectionId === ctx.connection.id)) {
        await this.record(ctx, user, 'role-grant', 'refused', 'protected', 'A group may not grant the super-admin role.');
      }
      if (ctx.connection.population === 'end-users') await this.settleOne(ctx, directory, user, allowed, defaults);
      else await this.settleMany(ctx, directory, user, allowed, changes, special);
    }
  }

  /** Roles of somebody who has none because they left, and who is back. */
  async giveBack(ctx: ActorContext, user: LocalUser): Promise<void> {
    const directory = this.deps.directoryOf(ctx.connection.population);
    const special = new Set(await directory.protectedRoleIds());
    const grants = await this.allowed(await this.deps.grants.ofUsers([user.ref]), special);
    const defaultRoleId = await this.ownDefault(ctx);
    if (ctx.connection.population === 'end-users') {
      const roleId = startingRole({ offers: grants, connectionDefaultRoleId: defaultRoleId, siteDefaultRoleId: await directory.defaultRoleId() });
      await this.change(ctx, directory, user, roleId === null ? [] : [roleId]);
    } else {
      await this.change(ctx, directory, user, [...new Set([...(defaultRoleId === null ? [] : [defaultRoleId]), ...grants.map((grant) => grant.roleId)])]);
    }
  }

  /** Role that the connection gives where no group does; null where it names none, or one that Strapi no longer has. */
  async ownDefault({ connection: { defaultRoleId, population } }: ActorContext): Promise<number | null> {
    if (defaultRoleId === null) return null;
    const directory = this.deps.directoryOf(population);
    const isThere = (await directory.existingRoleIds([defaultRoleId])).length > 0;
    return isThere && !(await directory.protectedRoleIds()).includes(defaultRoleId) ? defaultRoleId : null;
  }

  /** Logged against a group or a user. */
  async note(ctx: ActorContext, type: ObjectType, id: string | null, name: string | null, outcome: Outcome, errorCode: ErrorCode | null, message: string): Promise<void> {
    await this.write(ctx, { type, id, name }, 'role-grant', outcome, errorCode, message);
  }

  /** Grants that count: the super-admin role only from connections that may give it. */
  private async allowed(grants: Grant[], special: ReadonlySet<number>): Promise<Grant[]> {
    const result: Grant[] = [];
    for (const grant of grants) {
      if (!special.has(grant.roleId) || (await this.deps.connections.get(grant.connectionId))?.policies.allowSuperAdmin === true) result.push(grant);
    }
    return result;
  }

  /** People whose roles were taken away because they left: groups give them nothing until they are back. */
  private async withoutRoles(users: LocalUser[]): Promise<Set<string>> {
    const inactive = users.filter((user) => user.resource.active === false).map((user) => user.ref);
    if (inactive.length === 0) return new Set();
    const departures = await this.deps.departures.ofUsers(inactive);
    return new Set(departures.filter((departure) => departure.action === 'remove-roles' && departure.dueAt === null).map((departure) => departure.scimId));
  }

  private async settleOne(ctx: ActorContext, directory: LocalDirectory, user: LocalUser, offers: RoleOffer[], defaults: DefaultRoles): Promise<void> {
    const decision = decideOneRole({
      presentRoleId: user.roleIds[0] ?? null,
      appliedRoleId: await this.appliedRole(directory, user),
      offers,
      ...defaults,
    });
    if (decision.change) await this.change(ctx, directory, user, [decision.roleId], offers);
    else if (decision.pinned) await this.record(ctx, user, 'role-grant', 'skipped', null, 'The role was chosen by hand in Strapi and stays.');
  }

  /** Strapi moves users of a role that is deleted to its fallback: nobody chose that by hand. */
  private async appliedRole(directory: LocalDirectory, { roleIds: [present], appliedRoleId }: LocalUser): Promise<number | null> {
    if (appliedRoleId === null || present === undefined || present === appliedRoleId) return appliedRoleId;
    const isGone = (await directory.existingRoleIds([appliedRoleId])).length === 0;
    return isGone && present === (await directory.fallbackRoleId()) ? present : appliedRoleId;
  }

  private async settleMany(
    ctx: ActorContext,
    directory: LocalDirectory,
    user: LocalUser,
    grants: Grant[],
    { given, revoked }: GrantChanges,
    special: ReadonlySet<number>
  ): Promise<void> {
    const justGiven = given.get(user.ref) ?? [];
    const wanted = decideManyRoles({
      presentRoleIds: user.roleIds,
      granted: grants.filter((grant) => grant.mode === 'authoritative' || justGiven.includes(grant.roleId)).map((grant) => grant.roleId),
      revoked: revoked.get(user.ref) ?? [],
      kept: grants.map((grant) => grant.roleId),
    });
    const losesSuperAdmin = user.roleIds.some((roleId) => special.has(roleId) && !wanted.includes(roleId));
    if (losesSuperAdmin && (await directory.isLastSuperAdmin(user))) {
      await this.record(ctx, user, 'role-revoke', 'refused', 'protected', lastSuperAdmin(user));
      return;
    }
    await this.change(ctx, directory, user, wanted, grants);
  }

  /** `offers`: what groups and `roles` give; whoever gains one of these counts. Defaults do not, nor what somebody gets back. */
  private async change(ctx: ActorContext, directory: LocalDirectory, user: LocalUser, wanted: number[], offers: readonly RoleOffer[] = []): Promise<void> {
    const gained = wanted.filter((roleId) => !user.roleIds.includes(roleId));
    const lost = user.roleIds.filter((roleId) => !wanted.includes(roleId));
    if (gained.length === 0 && lost.length === 0) return;
    await directory.setRoles(user, wanted);
    const granted = gained.filter((roleId) => offers.some((offer) => offer.roleId === roleId));
    if (granted.length > 0) this.deps.guard?.granted(ctx, user, granted);
    const kind = gained.length > 0 ? 'role-grant' : 'role-revoke';
    const message = gained.length > 0 ? 'Role set by group membership.' : 'Role taken back: no group gives it any more.';
    await this.record(ctx, user, kind, 'success', null, message, { before: user.roleIds, after: wanted });
  }

  private record(
    ctx: ActorContext,
    user: LocalUser,
    operation: OperationKind,
    outcome: Outcome,
    errorCode: ErrorCode | null,
    message: string,
    roles?: { before: number[]; after: number[] }
  ): Promise<void> {
    return this.write(ctx, { type: 'User', id: user.ref, name: String(user.resource.userName) }, operation, outcome, errorCode, message, roles);
  }

  private async write(
    ctx: ActorContext,
    object: { type: ObjectType; id: string | null; name: string | null },
    operation: OperationKind,
    outcome: Outcome,
    errorCode: ErrorCode | null,
    message: string,
    roles?: { before: number[]; after: number[] }
  ): Promise<void> {
    const { trigger } = requestContext(ctx, object.type, operation, object.id, object.name);
    await this.deps.log.record(
      plainRecord(ctx.connection, {
        at: this.deps.clock.now(),
        trigger,
        operation,
        outcome,
        objectType: object.type,
        objectId: object.id,
        objectName: object.name,
        errorCode,
        message,
        correlationId: ctx.correlationId,
        actor: ctx.actor,
        changes: roles ? [{ path: 'roles', before: roles.before, after: roles.after }] : [],
      })
    );
  }
}
