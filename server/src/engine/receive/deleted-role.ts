import type { Connection } from '../../domain/connection/connection';
import type { LocalUser } from '../../ports/local-directory';
import type { ActorContext } from '../../ports/scim-service';
import type { ReceiveDeps } from './deps';
import { RoleSettlement } from './role-settlement';

/** Users whose roles are settled in one transaction. */
const BATCH = 500;

const NOBODY_REVOKED = { given: new Map(), revoked: new Map() };

export interface GoneRole {
  id: number;
  name: string;
}

/**
 * A role was deleted in Strapi. Its grants end; end users who had it by provisioning, and whom Strapi moved to its
 * fallback, get what other grants or defaults say; the tables that still name the role are told of in the log.
 */
export class DeletedRole {
  private readonly settlement: RoleSettlement;

  constructor(private readonly deps: ReceiveDeps) {
    this.settlement = new RoleSettlement(deps);
  }

  /** `connections`: the inbound ones of the population whose role it was. */
  async settle(connections: readonly Connection[], role: GoneRole): Promise<void> {
    const contexts = new Map(connections.map((connection) => [connection.id, this.contextOf(connection)]));
    for (const ctx of contexts.values()) await this.deps.unitOfWork.run(() => this.tell(ctx, role));
    if (connections.some(({ population }) => population === 'end-users')) await this.settleHolders(contexts, role);
    await this.deps.unitOfWork.run(() => this.deps.grants.removeRole(role.id, [...contexts.keys()]));
  }

  private async settleHolders(contexts: ReadonlyMap<number, ActorContext>, role: GoneRole): Promise<void> {
    const directory = this.deps.directoryOf('end-users');
    for (let after: number | null = 0; after !== null; ) {
      const page = await directory.usersGiven(role.id, after, BATCH);
      await this.deps.unitOfWork.run(() => this.settleSome(contexts, role, page.users));
      after = page.next;
    }
  }

  private async settleSome(contexts: ReadonlyMap<number, ActorContext>, role: GoneRole, users: LocalUser[]): Promise<void> {
    const ids = users.map((user) => user.ref);
    const dead = (await this.deps.grants.ofUsers(ids)).filter((grant) => grant.roleId === role.id && contexts.has(grant.connectionId));
    // Whose default it was is who provisioned the person.
    const givers = new Map((await this.deps.links.inboundOf('User', ids)).map((link) => [link.localId, link.connectionId]));
    for (const grant of dead) givers.set(grant.identityId, grant.connectionId);
    await this.deps.grants.remove(dead);
    for (const [connectionId, ctx] of contexts) {
      await this.settlement.settle(ctx, users.filter((user) => givers.get(user.ref) === connectionId), NOBODY_REVOKED);
    }
  }

  private async tell(ctx: ActorContext, role: GoneRole): Promise<void> {
    const { roleMappings, defaultRoleId } = ctx.connection;
    const gone = `The role ${role.name} (${role.id}) was deleted in Strapi.`;
    for (const { groupName } of roleMappings.filter((mapping) => mapping.roleId === role.id)) {
      const message = `${gone} The table still gives it to ${groupName}: nobody gets it until the table names another role.`;
      await this.settlement.note(ctx, 'Group', null, groupName, 'skipped', 'not-found', message);
    }
    if (defaultRoleId !== role.id) return;
    await this.settlement.note(ctx, 'User', null, null, 'skipped', 'not-found', `${gone} It is still the default of this connection: the default of the site holds instead.`);
  }

  private contextOf(connection: Connection): ActorContext {
    return { connection, actor: 'Deletion of a role', correlationId: this.deps.ids.uuid(), baseUrl: '' };
  }
}
