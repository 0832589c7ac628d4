import type { PendingApproval, PendingApprovals } from '../../contracts/connection';
import type { OperationKind } from '../../contracts/operation';
import type { Container } from '../../container';
import { normaliseName } from '../../domain/identity/normalise';
import { mainEmail } from '../../domain/resource/emails';
import { approveLink } from '../../engine/receive/approval';
import { protectedFrom } from '../../engine/receive/protection';
import type { LocalUser } from '../../ports/local-directory';
import type { StoredConnection } from '../../strapi/connection-store';
import type { RefusedAdoption } from '../../strapi/operation-reader';

const SHOWN = 100;

const attemptOf = (operation: OperationKind): PendingApproval['attempt'] =>
  operation === 'create' ? 'create' : operation === 'role-grant' ? 'group' : 'update';

/** Accounts that existed before a connection wanted them: who waits for a person's word, and that word. */
export class ApprovalService {
  constructor(private readonly container: Container) {}

  /** Nothing is stored for it: whom the log knows as refused, and whom nobody manages until now. */
  async waiting(connection: StoredConnection): Promise<Omit<PendingApprovals, 'mayApprove'>> {
    const refusals = await this.container.operations.refusedAdoptions(connection.id);
    const attempts = new Map<string, RefusedAdoption[]>();
    const users = new Map<string, LocalUser>();
    for (const { user, refusal } of await this.accountsOf(connection, refusals)) {
      users.set(user.ref, user);
      attempts.set(user.ref, [...(attempts.get(user.ref) ?? []), refusal]);
    }
    const managed = new Set((await this.container.links.inboundOf('User', [...users.keys()])).map((link) => link.localId));
    const free = [...users.values()].filter((user) => !managed.has(user.ref));
    const shown = free.slice(0, SHOWN);
    const guarded = await protectedFrom(this.container.receiveDeps, connection, shown);
    const people = shown.map((user) =>
      pending(user, attempts.get(user.ref) ?? [], guarded.has(user.ref) ? (user.protection?.message ?? null) : null)
    );
    return { people, more: free.length > SHOWN };
  }

  /** A super admin's word that a connection may manage an account that existed before it. Null: no such account. */
  async approve(
    connection: StoredConnection,
    account: { accountId?: number | undefined; userName?: string | undefined },
    approvedBy: string
  ): Promise<{ id: string; userName: string } | null> {
    const { identities, directory } = this.container.populations[connection.population];
    const [identity] =
      account.accountId === undefined ? await identities.byUserName(normaliseName(account.userName ?? '')) : await identities.byAccountIds([account.accountId]);
    const user = identity ? await directory.readUser(identity.scimId) : null;
    if (!user) return null;
    const { container } = this;
    const ctx = { connection, actor: approvedBy, correlationId: container.uuid(), baseUrl: '', types: container.typesFor(connection), scopes: [] };
    await approveLink(container.receiveDeps, container.roles, ctx, user);
    return { id: user.ref, userName: String(user.resource.userName) };
  }

  /** The accounts that refusals are about, as they are today, in the order of the refusals. */
  private async accountsOf({ population }: StoredConnection, refusals: RefusedAdoption[]): Promise<{ user: LocalUser; refusal: RefusedAdoption }[]> {
    const { identities, directory } = this.container.populations[population];
    const names = refusals.flatMap(({ objectId, name }) => (objectId === null && name !== null ? [name] : []));
    // A name is refused where somebody has it as user name or as address.
    const holders = names.length === 0 ? [] : await identities.holdersOf(names);
    const idOf = (name: string | null): string | undefined =>
      (holders.find(({ userNameNorm }) => userNameNorm === name) ?? holders.find(({ emailNorm }) => emailNorm === name))?.scimId;
    const asked = refusals.map((refusal) => ({ refusal, id: refusal.objectId ?? idOf(refusal.name) }));
    const ids = [...new Set(asked.flatMap(({ id }) => id ?? []))];
    const byId = new Map((ids.length === 0 ? [] : await directory.readUsers(ids)).map((user) => [user.ref, user]));
    return asked.flatMap(({ refusal, id }) => {
      const user = id === undefined ? undefined : byId.get(id);
      return user ? [{ user, refusal }] : [];
    });
  }
}

function pending(user: LocalUser, refusals: RefusedAdoption[], obstacle: string | null): PendingApproval {
  const [last] = refusals;
  return {
    accountId: user.accountId,
    id: user.ref,
    userName: String(user.resource.userName),
    email: mainEmail(user.resource),
    attempt: attemptOf(last?.operation ?? 'update'),
    attempts: refusals.reduce((sum, { attempts }) => sum + attempts, 0),
    since: new Date(Math.min(...refusals.map(({ since }) => since))).toISOString(),
    lastAt: new Date(Math.max(...refusals.map(({ lastAt }) => lastAt))).toISOString(),
    obstacle,
  };
}
