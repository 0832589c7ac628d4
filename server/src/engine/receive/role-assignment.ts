import type { Connection } from '../../domain/connection/connection';
import type { RoleMapping } from '../../contracts/connection';
import { normaliseName } from '../../domain/identity/normalise';
import { planGrants, type WantedGrant } from '../../domain/roles/grant-plan';
import type { Resource } from '../../domain/resource/resource';
import type { Grant } from '../../ports/grant-store';
import type { Group } from '../../ports/group-store';
import type { LocalUser } from '../../ports/local-directory';
import type { ActorContext } from '../../ports/scim-service';
import type { ReceiveDeps } from './deps';
import { belongings, withDescendants } from './nested-groups';
import { managedUsers } from './managed-users';
import { RoleSettlement } from './role-settlement';

/** Users whose roles are settled at a time: bounds memory for groups of any size. */
const BATCH = 500;

/** Source of grants that the user's own `roles` attribute makes. */
const OWN_ROLES = 0;

const mappingsFor = (connection: Connection, names: string[]): RoleMapping[] => {
  const wanted = new Set(names.map(normaliseName));
  return connection.roleMappings.filter((mapping) => wanted.has(normaliseName(mapping.groupName)));
};

/**
 * Keeps roles equal to what the groups of the connections give. Each change of groups recomputes the grants of the users
 * it touches from the groups they are in now, nested ones included. Runs inside the transaction of that change.
 */
export class RoleAssignment {
  readonly settlement: RoleSettlement;
  /** What was said already, per request: batches do not repeat it. */
  private readonly told = new WeakMap<ActorContext, Set<string>>();

  constructor(private readonly deps: ReceiveDeps) {
    this.settlement = new RoleSettlement(deps);
  }

  /** These users became members of the group or stopped being ones. */
  async membersChanged(ctx: ActorContext, group: Group, userIds: string[]): Promise<void> {
    if (userIds.length === 0 || !(await this.givesRoles(ctx, group))) return;
    for (let start = 0; start < userIds.length; start += BATCH) await this.regrant(ctx, userIds.slice(start, start + BATCH));
  }

  /** These groups became members of the group or stopped being ones: their users follow. */
  async nestingChanged(ctx: ActorContext, group: Group, innerIds: string[]): Promise<void> {
    if (innerIds.length === 0 || !(await this.givesRoles(ctx, group))) return;
    for (const id of innerIds) {
      const inner = await this.deps.groups.get(ctx.connection.id, id);
      if (inner) await this.everybodyIn(ctx, inner);
    }
  }

  /** The group has another name now. */
  async renamed(ctx: ActorContext, group: Group, oldName: string): Promise<void> {
    if (mappingsFor(ctx.connection, [group.displayName, oldName]).length === 0) return;
    await this.reportMissing(ctx, group);
    await this.everybodyIn(ctx, group);
  }

  /** The connection's table changed: what it says holds for today's members too. Each batch is its own transaction. */
  async tableChanged(ctx: ActorContext, group: Group): Promise<void> {
    await this.deps.unitOfWork.run(() => this.reportMissing(ctx, group));
    for (let after: number | null = 0; after !== null; ) {
      const page = await this.deps.groups.memberPage(group, 'User', after, BATCH);
      await this.deps.unitOfWork.run(() => this.regrant(ctx, page.members.map((member) => member.id)));
      after = page.next;
    }
  }

  /** The same for what users' own `roles` attributes say; answers the last link it looked at, null at the end. */
  async tableChangedForUsers(ctx: ActorContext, after: number): Promise<number | null> {
    const page = await this.deps.links.keptPage(ctx.connection.id, 'User', after, BATCH);
    for (const { localId, kept } of page.links) {
      if (kept !== null && kept.roles !== undefined) await this.deps.unitOfWork.run(() => this.rolesWritten(ctx, localId, kept, true));
    }
    return page.next;
  }

  /** The user's own `roles` attribute: its values name roles by the same table as groups do. */
  async rolesWritten(ctx: ActorContext, userId: string, resource: Resource, tableChanged = false): Promise<void> {
    if (ctx.connection.roleMappings.length === 0 && !tableChanged) return;
    const mappings = mappingsFor(ctx.connection, roleNamesIn(resource));
    const missing = await this.missingRoles(ctx, mappings);
    const wanted = mappings.filter((mapping) => !missing.has(mapping.roleId)).map((mapping) => grantOf(mapping, OWN_ROLES));
    await this.apply(ctx, [userId], () => wanted, (groupId) => groupId === OWN_ROLES);
  }

  /** Role of a new account, where the connection names one that Strapi has; else the site's. */
  async startingRoles(ctx: ActorContext): Promise<number[]> {
    const roleId = (await this.settlement.ownDefault(ctx)) ?? (await this.deps.directoryOf(ctx.connection.population).defaultRoleId());
    return roleId === null ? [] : [roleId];
  }

  /** Whether the table names this group or one it is nested in. Says once if it names a role that is gone. */
  private async givesRoles(ctx: ActorContext, group: Group): Promise<boolean> {
    if (ctx.connection.roleMappings.length === 0) return false;
    const above = (await belongings(this.deps.groups, ctx.connection.id, [group.scimId])).get(group.scimId) ?? [];
    const groups = [group, ...above.map((belonging) => belonging.group)];
    for (const one of groups) await this.reportMissing(ctx, one);
    return mappingsFor(ctx.connection, groups.map((one) => one.displayName)).length > 0;
  }

  private async everybodyIn(ctx: ActorContext, group: Group): Promise<void> {
    for (const inner of await withDescendants(this.deps.groups, group)) {
      for (let after: number | null = 0; after !== null; ) {
        const page = await this.deps.groups.memberPage(inner, 'User', after, BATCH);
        await this.regrant(ctx, page.members.map((member) => member.id));
        after = page.next;
      }
    }
  }

  /** What the groups these users are in today give them. */
  async regrant(ctx: ActorContext, userIds: string[]): Promise<void> {
    const groups = await belongings(this.deps.groups, ctx.connection.id, userIds);
    const missing = await this.missingRoles(ctx, ctx.connection.roleMappings);
    const wantedOf = (userId: string): WantedGrant[] =>
      (groups.get(userId) ?? []).flatMap(({ group }) =>
        mappingsFor(ctx.connection, [group.displayName])
          .filter((mapping) => !missing.has(mapping.roleId))
          .map((mapping) => grantOf(mapping, group.id))
      );
    await this.apply(ctx, userIds, wantedOf, (groupId) => groupId !== OWN_ROLES);
  }

  /** Brings the stored grants of some users to what is wanted, and sets the roles of those for whom anything changed. */
  private async apply(ctx: ActorContext, userIds: string[], wantedOf: (id: string) => WantedGrant[], inScope: (groupId: number) => boolean): Promise<void> {
    if (userIds.length === 0) return;
    const users = await this.deps.directoryOf(ctx.connection.population).readUsers(userIds);
    const managed = await managedUsers(this.deps, this.settlement, ctx, users, (user) => wantedOf(user.ref).length > 0);
    const present = await this.withoutDeadRoles(ctx, await this.deps.grants.ofUsers(userIds));
    const given = new Map<string, number[]>();
    const revoked = new Map<string, number[]>();
    const touched = new Set<string>(present.dead);
    const add: Grant[] = [];
    const remove: Grant[] = [];
    for (const user of users) {
      const own = present.alive.filter((grant) => grant.identityId === user.ref);
      const plan = planGrants({
        wanted: managed.has(user.ref) ? wantedOf(user.ref) : [],
        present: own.filter((grant) => grant.connectionId === ctx.connection.id),
        heldByHand: this.heldByHand(ctx, user, own),
        inScope,
      });
      if (plan.add.length + plan.change.length + plan.revoke.length > 0) touched.add(user.ref);
      add.push(...[...plan.add, ...plan.change].map((grant) => ({ ...grant, identityId: user.ref, connectionId: ctx.connection.id })));
      remove.push(...plan.revoke);
      given.set(user.ref, plan.add.map((grant) => grant.roleId));
      revoked.set(user.ref, plan.revoke.map((grant) => grant.roleId));
    }
    await this.deps.grants.remove(remove);
    await this.deps.grants.add(add);
    await this.settlement.settle(ctx, users.filter((user) => touched.has(user.ref)), { given, revoked });
  }

  /**
   * Roles of admin users that no group gave: a group that gives the same role later gives nothing, so that leaving it
   * takes nothing away. End users have one role, which priorities decide.
   */
  private heldByHand(ctx: ActorContext, user: LocalUser, grants: Grant[]): Set<number> {
    if (ctx.connection.population === 'end-users') return new Set();
    return new Set(user.roleIds.filter((roleId) => !grants.some((grant) => grant.roleId === roleId)));
  }

  /** Grants of roles that were deleted in Strapi are cleaned up when their users come by. */
  private async withoutDeadRoles(ctx: ActorContext, grants: Grant[]): Promise<{ alive: Grant[]; dead: string[] }> {
    const roleIds = [...new Set(grants.map((grant) => grant.roleId))];
    if (roleIds.length === 0) return { alive: grants, dead: [] };
    const existing = new Set(await this.deps.directoryOf(ctx.connection.population).existingRoleIds(roleIds));
    const dead = grants.filter((grant) => !existing.has(grant.roleId));
    await this.deps.grants.remove(dead);
    return { alive: grants.filter((grant) => existing.has(grant.roleId)), dead: dead.map((grant) => grant.identityId) };
  }

  private async missingRoles(ctx: ActorContext, mappings: RoleMapping[]): Promise<Set<number>> {
    const roleIds = [...new Set(mappings.map((mapping) => mapping.roleId))];
    const existing = new Set(await this.deps.directoryOf(ctx.connection.population).existingRoleIds(roleIds));
    return new Set(roleIds.filter((roleId) => !existing.has(roleId)));
  }

  private async reportMissing(ctx: ActorContext, group: Pick<Group, 'id' | 'scimId' | 'displayName'>): Promise<void> {
    const mappings = mappingsFor(ctx.connection, [group.displayName]);
    if (mappings.length === 0) return;
    const told = this.told.get(ctx) ?? new Set<string>();
    this.told.set(ctx, told);
    for (const roleId of await this.missingRoles(ctx, mappings)) {
      if (told.has(`${group.id} ${roleId}`)) continue;
      told.add(`${group.id} ${roleId}`);
      const message = `The table gives ${group.displayName} the role ${roleId}, which Strapi no longer has: nobody gets it.`;
      await this.settlement.note(ctx, 'Group', group.scimId, group.displayName, 'skipped', 'not-found', message);
    }
  }
}

const grantOf = ({ roleId, priority, mode = 'authoritative' }: RoleMapping, groupId: number): WantedGrant => ({ roleId, priority, mode, groupId });

/** Values of `roles` (RFC 7643 section 4.1.2); what they mean is up to the service provider. */
export function roleNamesIn(resource: Resource): string[] {
  if (!Array.isArray(resource.roles)) return [];
  return resource.roles.flatMap((role: unknown) =>
    typeof role === 'object' && role !== null && 'value' in role && typeof role.value === 'string' ? [role.value] : []
  );
}
