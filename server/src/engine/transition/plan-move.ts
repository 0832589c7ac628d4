import type { Scope } from '../../contracts/scope';
import type { Connection } from '../../domain/connection/connection';
import { outboundOf } from '../../domain/connection/outbound';
import { explain } from '../../domain/scope/explain';
import { scopeType } from '../../domain/scope/subject';
import type { Transition, TransitionItem, TransitionItemDraft, Word } from '../../domain/transition/transition';
import { readPeople, type KnownPerson } from '../push/people';
import { subjectsOf } from '../scope-subject';
import { warningsOf } from './plan-offboarding';
import { rehearse, type Rehearsal, type RehearsalDeps } from './rehearse';

export interface MoveEnds {
  from: Connection;
  to: Connection;
}

/** Of those who are at the one application, the ones of the group or role: at the other one, and then no longer here. */
export async function planMove(transition: Transition, { from, to }: MoveEnds, ids: string[], deps: RehearsalDeps): Promise<TransitionItemDraft[]> {
  const action = transition.choice.action ?? outboundOf(from).leaving.outOfScope.action;
  const leavers = await membersAmong(transition, from, await readPeople(from, ids, deps), deps);
  const arrivals = await readPeople(to, leavers.map(({ id }) => id), deps);
  const items: TransitionItemDraft[] = [];
  for (const [index, leaver] of leavers.entries()) {
    const arrival = arrivals[index];
    if (arrival === undefined) continue;
    const arriving = await rehearse(to, arrival, wordOf(transition, 'in', null), deps);
    const leaving = await rehearse(from, leaver, wordOf(transition, 'out', action), deps);
    items.push(inItem(to, leaver.id, arriving), { ...outItem(from, leaver.id, action, leaving), warnings: [...(arriving.works ? [] : [`Stays at ${from.name} until they are at ${to.name}.`]), ...warningsOf(from, action, false)] });
  }
  return items;
}

/** Back to where they were, and out of where the move brought them; who was there before it stays there. */
export async function planMoveBack(transition: Transition, { from, to }: MoveEnds, moved: TransitionItem[], deps: RehearsalDeps): Promise<TransitionItemDraft[]> {
  const ids = moved.map(({ localId }) => localId);
  const items: TransitionItemDraft[] = [];
  const leavers = await readPeople(from, ids, deps);
  const arrivals = await readPeople(to, ids, deps);
  for (const [index, item] of moved.entries()) {
    const [leaver, arrival] = [leavers[index], arrivals[index]];
    if (leaver === undefined || arrival === undefined) continue;
    items.push(inItem(to, item.localId, await rehearse(to, arrival, wordOf(transition, 'in', null), deps)));
    const action = item.change === 'create' ? 'delete' : item.change === 'reactivate' ? 'disable' : null;
    if (action === null) continue;
    const leaving = await rehearse(from, leaver, wordOf(transition, 'out', action), deps);
    items.push({ ...outItem(from, item.localId, action, leaving), warnings: warningsOf(from, action, false), unassign: item.assigned });
  }
  return items;
}

const wordOf = ({ id, actor, correlationId }: Transition, step: Word['step'], action: Word['action']): Word => ({ itemId: 0, transitionId: id, kind: 'move', step, action, isOpen: true, actor, correlationId });

const inItem = (connection: Connection, localId: string, { works: _works, ...found }: Rehearsal): TransitionItemDraft => ({
  step: 'in', connectionId: connection.id, system: connection.name, localId, ...found, action: null, warnings: warningsOf(connection, '', false), unassign: false,
});

const outItem = (connection: Connection, localId: string, action: NonNullable<Word['action']>, { works: _works, ...found }: Rehearsal): TransitionItemDraft => ({
  step: 'out', connectionId: connection.id, system: connection.name, localId, ...found, action, warnings: [], unassign: false,
});

/** The group or role as a scope of its own, so that groups in groups count as everywhere. */
async function membersAmong({ choice }: Transition, connection: Connection, people: KnownPerson[], deps: RehearsalDeps): Promise<KnownPerson[]> {
  const clause = choice.group === null ? { attribute: 'role', operator: 'equals' as const, value: choice.role ?? 0 } : { attribute: 'group', operator: 'member-of' as const, value: [choice.group] };
  const scope: Scope = { assignment: 'everyone', match: 'all', clauses: [clause] };
  const present = people.flatMap(({ user, canonical }) => (user === null || canonical === null ? [] : [{ user, canonical }]));
  const subjects = await subjectsOf({ ...connection, outbound: { ...outboundOf(connection), scope } }, present, deps);
  const type = scopeType(deps.userType(connection.population));
  const members = new Set(subjects.filter(({ resource }) => explain(scope, resource, type, true).holds).map(({ user }) => user.ref));
  return people.filter(({ id, word }) => members.has(id) && word?.step !== 'out');
}
