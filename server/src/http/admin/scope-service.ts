import { errors } from '@strapi/utils';
import type { Population } from '../../contracts/connection';
import type { AssignedPage, Scope, ScopeCount, ScopeTest } from '../../contracts/scope';
import type { Container } from '../../container';
import type { Connection } from '../../domain/connection/connection';
import { conditionsOf, outboundOf } from '../../domain/connection/outbound';
import { checkScope } from '../../domain/scope/check';
import { explain } from '../../domain/scope/explain';
import { listOf } from '../../domain/scope/filter';
import { scopeType } from '../../domain/scope/subject';
import { refuseField } from './validation';

/** Refuses a scope with the place and the reason; also one that names a role that is not there, which would put everybody out. */
export async function refuseWrongScope(container: Container, population: Population, scope: Scope | null, field: string): Promise<void> {
  if (scope === null) return;
  const [problem] = checkScope(scope, container.userType(population));
  if (problem !== undefined) refuseField(`${field}.${problem.path}`, problem.message);
  const wanted = conditionsOf(scope).filter(({ attribute }) => attribute.toLowerCase() === 'role').flatMap(({ value }) => listOf(value).map(Number));
  const present = wanted.length === 0 ? [] : await container.populations[population].directory.existingRoleIds([...new Set(wanted)]);
  const missing = wanted.find((id) => !present.includes(id));
  if (missing !== undefined) refuseField(`${field}.clauses`, `There is no role with the id ${missing} (any more).`);
}

/** Refuses a choice of groups that names a role or group that is not there. */
export async function refuseMissingGroups(container: Container, population: Population, only: string[] | null | undefined): Promise<void> {
  for (const [index, key] of (only ?? []).entries()) {
    if ((await container.sourceGroups.read(population, key)) === null) refuseField(`outbound.groups.only.${index}`, `There is no role or group ${key} in this population (any more).`);
  }
}

/** Who is in the scope of an outbound connection, and who was assigned to it by hand. */
export class ScopeService {
  constructor(private readonly container: Container) {}

  async count(stored: Connection, scope: Scope | undefined): Promise<ScopeCount> {
    return this.container.scopeCount.of(await this.withScope(stored, scope));
  }

  async test(stored: Connection, userId: string | number, scope: Scope | undefined): Promise<ScopeTest> {
    const connection = await this.withScope(stored, scope);
    const { population } = connection;
    const [id] = await this.scimIds(population, [userId], () => 'userId');
    const [subject] = id === undefined ? [] : await this.container.scopeCount.subjects(connection, [id]);
    if (subject === undefined) throw new errors.NotFoundError('There is no such user in this population.');
    const wanted = outboundOf(connection).scope;
    return {
      user: { id: subject.user.ref, userName: String(subject.user.resource.userName) },
      assigned: wanted.assignment === 'assigned' ? subject.assigned : null,
      verdict: explain(wanted, subject.resource, scopeType(this.container.userType(population)), subject.assigned),
    };
  }

  async assigned(connection: Connection, after: number, limit: number): Promise<AssignedPage> {
    const page = await this.container.assignments.page(connection.id, after, limit);
    const users = await this.container.populations[connection.population].directory.readUsers(page.assignments.map(({ localId }) => localId));
    const names = new Map(users.map((user) => [user.ref, String(user.resource.userName)]));
    return {
      results: page.assignments.map(({ localId, assignedAt }) => ({ id: localId, userName: names.get(localId) ?? '', assignedAt: new Date(assignedAt).toISOString() })),
      nextCursor: page.next === null ? null : String(page.next),
    };
  }

  /** All of them or, where one does not exist, none. Answers how many changed. */
  async assign(connection: Connection, userIds: (string | number)[], on: boolean): Promise<number> {
    const { assignments, database, outbox, transitions, worker } = this.container;
    const ids = await this.scimIds(connection.population, userIds, (index) => `userIds.${index}`);
    const changed = await database.run(async () => {
      const some = on ? await assignments.assign(connection.id, ids) : await assignments.unassign(connection.id, ids);
      // The newest word counts: who was taken out before takes part again.
      const back = on ? await transitions.lift(connection.id, ids) : [];
      await outbox.mark([connection.id], 'User', [...new Set([...some, ...back])], null);
      return some;
    });
    worker.wake();
    return changed.length;
  }

  /** The connection as it would be with another scope. */
  private async withScope(stored: Connection, scope: Scope | undefined): Promise<Connection> {
    await refuseWrongScope(this.container, stored.population, scope ?? null, 'scope');
    return scope === undefined ? stored : { ...stored, outbound: { ...outboundOf(stored), scope } };
  }

  /** Of people named by SCIM id or account id. Refuses the field of the first who is not there. */
  async scimIds(population: Population, userIds: (string | number)[], fieldOf: (index: number) => string): Promise<string[]> {
    const { identities } = this.container.populations[population];
    const numbers = userIds.filter((id) => typeof id === 'number');
    const texts = userIds.filter((id) => typeof id === 'string');
    const byAccount = new Map((await identities.byAccountIds(numbers)).filter((one) => !one.departed).map((one) => [one.accountId, one.scimId]));
    const known = new Set((await identities.byScimIds(texts)).filter((one) => one.accountId !== null).map((one) => one.scimId));
    return userIds.map((id, index) => {
      const found = typeof id === 'number' ? byAccount.get(id) : known.has(id) ? id : undefined;
      return found ?? refuseField(fieldOf(index), `There is no user with the id ${id} in this population.`);
    });
  }
}
