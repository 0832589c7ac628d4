import type { Connection } from '../../domain/connection/connection';
import { outboundOf } from '../../domain/connection/outbound';
import { explain } from '../../domain/scope/explain';
import { scopeType } from '../../domain/scope/subject';
import { canonicalUser, subjectsOf, type Subject, type SubjectDeps } from '../../engine/scope-subject';
import type { Link, LinkStore } from '../../ports/link-store';
import type { LocalDirectory } from '../../ports/local-directory';
import type { Population } from '../../contracts/connection';
import type { DeliveryStates } from '../delivery-state';

/** Users that are looked at one by one where the database cannot answer. */
export const SCAN_LIMIT = 10_000;
const PAGE = 500;

export interface ScanDeps extends SubjectDeps {
  links: LinkStore;
  states: DeliveryStates;
  directoryOf(population: Population): LocalDirectory;
}

/** These users as the clauses of a connection see them; who does not exist is left out. */
export async function readSubjects(connection: Connection, scimIds: string[], deps: ScanDeps): Promise<Subject[]> {
  const users = await deps.directoryOf(connection.population).readUsers(scimIds);
  const inbound = new Map<string, Link>();
  for (const link of await deps.links.inboundOf('User', users.map(({ ref }) => ref))) if (!inbound.has(link.localId)) inbound.set(link.localId, link);
  return subjectsOf(connection, users.map((user) => ({ user, canonical: canonicalUser(user, inbound.get(user.ref)) })), deps);
}

/** How many of these users are in scope. */
export async function countIn(connection: Connection, scimIds: string[], deps: ScanDeps): Promise<number> {
  const type = scopeType(deps.userType(connection.population));
  let matching = 0;
  for (let start = 0; start < scimIds.length; start += PAGE) {
    const subjects = await readSubjects(connection, scimIds.slice(start, start + PAGE), deps);
    matching += subjects.filter(({ resource, assigned }) => explain(outboundOf(connection).scope, resource, type, assigned).holds).length;
  }
  return matching;
}

/** Looks at users one by one, up to the limit; of a connection for assigned people at those only. */
export async function scanScope(connection: Connection, deps: ScanDeps, limit = SCAN_LIMIT): Promise<{ matching: number; looked: number; complete: boolean }> {
  const byHand = outboundOf(connection).scope.assignment === 'assigned';
  let [matching, looked] = [0, 0];
  for (let after: number | null = 0; after !== null; ) {
    const size = Math.min(PAGE, limit - looked);
    if (size <= 0) return { matching, looked, complete: false };
    const page: { ids: string[]; next: number | null } = byHand ? await assignedPage(connection, after, size, deps) : await everybodyPage(connection, after, size, deps);
    matching += await countIn(connection, page.ids, deps);
    looked += page.ids.length;
    after = page.next;
  }
  return { matching, looked, complete: true };
}

async function assignedPage({ id }: Connection, after: number, limit: number, { assignments }: ScanDeps): Promise<{ ids: string[]; next: number | null }> {
  const page = await assignments.page(id, after, limit);
  return { ids: page.assignments.map(({ localId }) => localId), next: page.next };
}

async function everybodyPage({ population }: Connection, after: number, limit: number, { states }: ScanDeps): Promise<{ ids: string[]; next: number | null }> {
  const page = await states.identityPage(population, after, limit + 1);
  const shown = page.slice(0, limit);
  return { ids: shown.map(({ scimId }) => scimId), next: page.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
