import type { Word } from '../../domain/transition/transition';
import type { AssignmentStore } from '../../ports/assignment-store';
import type { Outbox } from '../../ports/outbox';
import type { TransitionWords } from '../../ports/transition-store';

export interface SettleWordDeps {
  transitions: TransitionWords;
  outbox: Outbox;
  assignments: AssignmentStore;
}

export interface WordOutcome {
  remoteId: string | null;
  message: string;
  /** The application has the person. */
  isThere: boolean;
  /** A switch of the connection held it back. */
  held: string | null;
}

/**
 * Tells a transition what became of its item, in the transaction that remembers it at the link. Who arrived at the one
 * application leaves the other: not before, so that nobody is without an account.
 */
export async function settleWord(word: Word | null, localId: string, { remoteId, message, isThere, held }: WordOutcome, deps: SettleWordDeps): Promise<void> {
  if (word === null || !word.isOpen) return;
  const { transitions, outbox, assignments } = deps;
  if (held !== null) await transitions.note(word.itemId, 'open', held);
  else if (word.step === 'in' && !isThere) await transitions.note(word.itemId, 'failed', message);
  else if (await transitions.done(word.itemId, { remoteId, message })) {
    const left = word.step === 'in' ? await transitions.openOut(word.transitionId, localId) : null;
    if (left?.unassign === true) await assignments.unassign(left.connectionId, [localId]);
    if (left !== null) await outbox.mark([left.connectionId], 'User', [localId], null, { asked: true });
  }
  await transitions.settled();
}
