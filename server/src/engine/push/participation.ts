import type { LeavingAction, LeavingEvent, Switch } from '../../contracts/scope';
import type { Connection } from '../../domain/connection/connection';
import { isSelective, outboundOf } from '../../domain/connection/outbound';
import type { PlannedChange } from '../../domain/plan/change';
import type { Resource } from '../../domain/resource/resource';
import { explain } from '../../domain/scope/explain';
import { decide, tellDecision, type Decision, type Standing } from '../../domain/scope/leaving';
import { scopeType } from '../../domain/scope/subject';
import { tellWord, type Word } from '../../domain/transition/transition';
import type { Clock } from '../../ports/clock';
import type { Link } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';
import type { StandingStore } from '../../ports/standing-store';
import { subjectsOf, type Subject, type SubjectDeps } from '../scope-subject';
import type { StepReport } from '../step-recorder';
import { followMemberships, membershipChanges, type KnownMemberships, type MembershipChanges, type MembershipDeps, type MembershipFate } from './memberships';

export interface ParticipationDeps extends SubjectDeps {
  clock: Clock;
  standings: StandingStore;
}

export interface Person {
  /** SCIM id. */
  id: string;
  /** Null: the account is gone. */
  user: LocalUser | null;
  canonical: Resource | null;
  link: Link | null;
  /** Where it was read with others; left out: it is asked for. */
  standing?: Standing | null;
  subject?: Subject | undefined;
  /** What holds for the person in this connection because somebody said so. */
  word?: Word | null;
  memberships?: KnownMemberships | undefined;
}

/** Inactive, and never known to the application. */
export const INACTIVE = 'Inactive accounts are not created in the application.';

export const SWITCH_OF: Readonly<Record<Exclude<PlannedChange['kind'], 'none'>, Switch>> = {
  create: 'create',
  update: 'update',
  reactivate: 'update',
  deactivate: 'deactivate',
  delete: 'delete',
};

const switchedOff = (operations: string): string => `${operations} are switched off in this connection.`;

/** Said of a change that a switch keeps from being done. */
export const SWITCHED_OFF: Readonly<Record<Switch, string>> = {
  create: switchedOff('Creations'),
  update: switchedOff('Updates'),
  deactivate: switchedOff('Deactivations'),
  delete: switchedOff('Deletions'),
};

/** Decides whether a person takes part in a connection, and remembers of those who do not why, so that it is told once. */
export class Participation {
  /** The sentence of the switch that held a change back. */
  private held: string | null = null;
  private heldKind: Switch | null = null;

  private constructor(
    private readonly connection: Connection,
    private readonly person: Person,
    private readonly decision: Decision,
    /** Null: nothing is remembered, or nothing has to be. */
    private readonly standing: Standing | null,
    private readonly inScope: string,
    private readonly deps: ParticipationDeps
  ) {}

  static async of(connection: Connection, person: Person, deps: ParticipationDeps): Promise<Participation> {
    const outbound = outboundOf(connection);
    const { event, reason } = await eventOf(connection, person, deps);
    const standing = person.standing !== undefined ? person.standing : isSelective(outbound) ? await deps.standings.get(connection.id, person.id) : null;
    const { word = null } = person;
    // At once: that somebody was given time is a rule of the connection's, and this a person's word.
    const leaving = event !== null && isOut(word) ? { ...outbound.leaving, [event]: { action: word.action, graceDays: 0 } } : outbound.leaving;
    const decision = decide({ event, reason, isLinked: person.link !== null }, leaving, standing, deps.clock.now());
    return new Participation(connection, person, decision, standing, reason, deps);
  }

  /** What the application is to be told of somebody who leaves; null for everybody else. */
  get leaving(): { event: LeavingEvent; action: LeavingAction; reason: string } | null {
    return this.decision.kind === 'leaves' ? this.decision : null;
  }

  scope(): StepReport<boolean> {
    const { decision } = this;
    if (decision.kind === 'part') return { value: true, message: this.inScope };
    const sent = decision.kind === 'leaves' && decision.action !== 'nothing' && decision.action !== 'unlink';
    return { value: sent, message: tellDecision(decision) };
  }

  /** A change that is switched off is skipped. */
  guard({ kind }: PlannedChange): StepReport<void> {
    const operation = kind === 'none' ? null : SWITCH_OF[kind];
    if (operation === null || outboundOf(this.connection).switches[operation]) return { value: undefined, message: 'Within what this connection may do.' };
    this.held = SWITCHED_OFF[operation];
    this.heldKind = operation;
    return { value: undefined, outcome: 'skipped', message: this.held };
  }

  /** Why a switch held the change back; null: none did. */
  get heldBecause(): string | null {
    return this.held;
  }

  get isHeld(): boolean {
    return this.held !== null;
  }

  /** What becomes of the person's memberships in groups that the connection keeps. */
  get memberships(): MembershipFate {
    const { decision, standing } = this;
    // An update that is held back is of attributes; one who is not to be deactivated or deleted keeps the groups too.
    if (this.heldKind === 'deactivate' || this.heldKind === 'delete') return 'stay';
    if (decision.kind === 'part') return 'keep';
    if (decision.kind === 'waits') return 'stay';
    const action = decision.kind === 'leaves' ? decision.action : (standing?.done ?? null);
    return action === 'nothing' ? 'stay' : action === 'unlink' ? 'forget' : 'end';
  }

  /** Notes in which groups the person is to be at the application; after their link is settled, in the same transaction. */
  followMemberships(deps: MembershipDeps): Promise<void> {
    return followMemberships(this.connection, this.person.id, this.person.user, this.memberships, deps);
  }

  /** What `followMemberships` would come to; `plannedId`: who the person will be at the application. */
  membershipChanges(plannedId: string | null, deps: MembershipDeps): Promise<MembershipChanges> {
    return membershipChanges(this.connection, this.person, this.memberships, plannedId, deps);
  }

  /** A skip leaves a row when its reason is new. Who was never known to the application for a plain reason leaves none. */
  get isNews(): boolean {
    const { decision, standing } = this;
    if (decision.kind === 'leaves' && decision.event === 'deleted' && !this.isHeld) return decision.action !== 'delete';
    const next = this.next();
    if (next === null) return false;
    return standing === null || standing.reason !== next.reason || standing.event !== next.event;
  }

  /** Whether `settle` would remember or forget something. */
  get wouldRemember(): boolean {
    const next = this.next();
    return next === null ? this.standing !== null : !isSame(this.standing, next);
  }

  /**
   * Remembers how the person stands from now on, in the transaction that settles the marker. Answers what is to be told of
   * it beside the change itself.
   */
  async settle(): Promise<string | undefined> {
    const { decision, standing } = this;
    const next = this.next();
    if (next === null) await this.forget();
    else if (!isSame(standing, next)) await this.deps.standings.save(this.connection.id, this.person.id, next);
    if (decision.kind === 'leaves' && decision.action === 'unlink') return tellDecision(decision);
    const waited = next === null && standing !== null && standing.event !== null && standing.wakeAt !== null;
    return waited && decision.kind === 'part' ? `${standing.reason} Cancelled: the person is back.` : undefined;
  }

  private async forget(): Promise<void> {
    if (this.standing !== null) await this.deps.standings.remove(this.connection.id, this.person.id);
  }

  private next(): Standing | null {
    const { decision, standing } = this;
    const now = this.deps.clock.now();
    const event = decision.kind === 'part' ? null : decision.event;
    const since = decision.kind === 'waits' || decision.kind === 'leaves' ? decision.since : (standing?.since ?? now);
    if (this.held !== null) return { event, reason: this.held, since, wakeAt: null, done: null };
    if (decision.kind === 'part') return decision.blockedSince === undefined ? null : { event: 'blocked', reason: 'Blocked in Strapi.', since: decision.blockedSince, wakeAt: null, done: 'disable' };
    if (decision.kind === 'waits') return { event, reason: tellDecision(decision), since, wakeAt: decision.dueAt, done: null };
    if (decision.kind === 'apart') {
      // Deleted or inactive before the application knew them: nothing to come back to.
      if (event !== 'outOfScope' && this.person.link === null) return null;
      return { event, reason: decision.reason, since: standing?.event === event ? standing.since : now, wakeAt: null, done: standing?.event === event ? standing.done : null };
    }
    if (decision.event === 'deleted') return null;
    return { event, reason: decision.reason, since, wakeAt: null, done: decision.action };
  }
}

const isSame = (left: Standing | null, right: Standing): boolean =>
  left !== null && left.event === right.event && left.reason === right.reason && left.since === right.since && left.wakeAt === right.wakeAt && left.done === right.done;

/** The person is out, whatever the scope says. */
const isOut = (word: Word | null | undefined): word is Word & { action: LeavingAction } => word?.step === 'out' && word.action !== null;

/** Which event, if any, takes the person out of the connection; of several the one that says most. */
async function eventOf(connection: Connection, person: Person, deps: ParticipationDeps): Promise<{ event: LeavingEvent | null; reason: string }> {
  const { user, canonical, link, word } = person;
  if (isOut(word)) return { event: user === null ? 'deleted' : 'outOfScope', reason: tellWord(word) };
  if (user === null || canonical === null) {
    return { event: 'deleted', reason: link === null ? 'Deleted before the application ever knew the account.' : 'The account no longer exists in Strapi.' };
  }
  const { scope } = outboundOf(connection);
  const [subject] = person.subject === undefined ? await subjectsOf(connection, [{ user, canonical }], deps) : [person.subject];
  const verdict = subject === undefined ? null : explain(scope, subject.resource, scopeType(deps.userType(connection.population)), subject.assigned || word?.step === 'in');
  if (verdict !== null && !verdict.holds) return { event: 'outOfScope', reason: verdict.reason };
  if (canonical.active === false) return { event: 'blocked', reason: link === null ? INACTIVE : 'Blocked in Strapi.' };
  return { event: null, reason: link === null || scope.clauses.length > 0 ? (verdict?.reason ?? '') : 'Known to this connection.' };
}
