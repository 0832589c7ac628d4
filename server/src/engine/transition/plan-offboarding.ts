import type { Population } from '../../contracts/connection';
import type { Connection } from '../../domain/connection/connection';
import { outboundOf } from '../../domain/connection/outbound';
import { mainEmail } from '../../domain/resource/emails';
import { normaliseName } from '../../domain/identity/normalise';
import { ruleFor, SITE, tellAccount, type Transition, type TransitionItemDraft, type Word } from '../../domain/transition/transition';
import type { LocalUser } from '../../ports/local-directory';
import { readPeople } from '../push/people';
import { rehearse, type RehearsalDeps } from './rehearse';

const NOT_THERE = 'Not known to this application.';

/** What becomes of these people in every system they may be in: one item each, and one for the account of this Strapi. */
export async function planOffboarding(transition: Transition, ids: string[], deps: RehearsalDeps): Promise<TransitionItemDraft[]> {
  const { population, choice } = transition;
  const items: TransitionItemDraft[] = [];
  for (const connection of await deps.connections.outbound(population)) {
    const rule = outboundOf(connection).leaving[ruleFor(choice.account)];
    const action = choice.action ?? rule.action;
    const word: Word = { itemId: 0, transitionId: transition.id, kind: 'offboarding', step: 'out', action, isOpen: true, actor: transition.actor, correlationId: transition.correlationId };
    for (const person of await readPeople(connection, ids, deps)) {
      const draft = { step: 'out' as const, connectionId: connection.id, system: connection.name, localId: person.id, action, unassign: false };
      const { works: _works, ...found } = await rehearse(connection, person, word, deps);
      if (person.link === null) items.push({ ...draft, ...found, message: NOT_THERE, warnings: [] });
      else items.push({ ...draft, ...found, warnings: warningsOf(connection, action, choice.action === null && rule.graceDays > 0) });
    }
  }
  const users = await deps.directoryOf(population).readUsers(ids);
  const owners = await ownersOf(ids, deps);
  for (const user of users) {
    const account = choice.account ?? 'nothing';
    const warnings = [...(owners.get(user.ref) ?? []).map(mayComeBack), ...(await otherAccount(population, user, deps))];
    items.push({
      step: 'account', connectionId: SITE, system: 'Strapi', localId: user.ref, objectName: String(user.resource.userName), action: account, change: null, remoteId: null,
      message: tellAccount(account), errorCode: null, warnings, unassign: false,
    });
  }
  return items;
}

export function warningsOf({ enabled, review, name }: Connection, action: string, hasGrace: boolean): string[] {
  return [
    ...(enabled ? [] : [`${name} is switched off: nothing is sent there until it is on again.`]),
    ...((review ?? null) === null ? [] : [`${name} waits for a look: nothing is sent there until a plan of it was approved.`]),
    ...(action === 'nothing' || action === 'unlink' ? ['By the rule of the connection the account stays there as it is. Choose an action to end it.'] : []),
    ...(hasGrace ? ['The rule of the connection gives people some days. This is done at once.'] : []),
  ];
}

const mayComeBack = (name: string): string => `${name} provisions this account, and may bring the person back: take them out there too.`;

/** Names of the inbound connections that provision each of these. */
async function ownersOf(ids: string[], deps: RehearsalDeps): Promise<Map<string, string[]>> {
  const owners = new Map<string, string[]>();
  for (const link of await deps.links.inboundOf('User', ids)) {
    const provider = await deps.connections.get(link.connectionId);
    if (provider !== null) owners.set(link.localId, [...(owners.get(link.localId) ?? []), provider.name]);
  }
  return owners;
}

async function otherAccount(population: Population, { resource }: LocalUser, deps: RehearsalDeps): Promise<string[]> {
  const email = mainEmail(resource);
  if (email === null) return [];
  const other = population === 'end-users' ? 'admin-users' : 'end-users';
  const found = await deps.directoryOf(other).findUsers({ attribute: 'email', value: normaliseName(email) });
  return found.length === 0 ? [] : [`There is an account of the ${other === 'admin-users' ? 'admin users' : 'end users'} with the same address, which is no part of this.`];
}
