import type { DriftPolicy } from '../../contracts/scope';
import type { AttributeChange } from '../../contracts/operation';
import { accepting, afterWrite, NO_DRIFT, printOf, type KnownDrift } from '../../domain/drift/drift';
import type { PlannedChange } from '../../domain/plan/change';
import type { Resource } from '../../domain/resource/resource';
import type { Link } from '../../ports/link-store';
import type { Target } from './join-target';

/** What is to be remembered and told of drift. */
export interface DriftNote {
  /** For the link; undefined: as it was. */
  remember: KnownDrift | null | undefined;
  /** Sentences, each told once; empty: nothing new. */
  told: string;
}

const named = (changes: readonly AttributeChange[]): string => changes.map(({ path }) => path.replace(/^urn:[^ ]*:/, '')).join(', ');

/** What was changed there and is neither written over nor part of what is sent anyway. */
export function leftDrift(policy: DriftPolicy, target: Target | null, change: PlannedChange | null): AttributeChange[] {
  if (policy === 'overwrite') return [];
  const sent = new Set(change?.changes.map(({ path }) => path));
  return (target?.drift ?? []).filter(({ path }) => !sent.has(path));
}

/** Whether `noteDrift` would tell anything of drift that is left: an accepted one is remembered, a reported one told. */
export const isNewDrift = (left: readonly AttributeChange[], link: Link | null): boolean =>
  left.length > 0 && printOf(left) !== (link?.drift?.told ?? null);

/** `answer`: what the application holds after it was written; null: nothing was. */
export function noteDrift(
  job: { policy: DriftPolicy; link: Link | null; target: Target; change: PlannedChange; written: Resource; isVerified: boolean },
  answer: Resource | null
): DriftNote {
  const { policy, link, target, change, written } = job;
  const before = target.kind === 'linked' ? (link?.drift ?? NO_DRIFT) : NO_DRIFT;
  const after = answer === null ? { known: before, kept: [] } : afterWrite(before, change.changes, written, answer);
  const left = leftDrift(policy, target, change);
  const sentences: string[] = [];
  const refused = job.isVerified ? after.kept : [];
  if (refused.length > 0) sentences.push(`The application keeps its own value of ${named(refused)}; it is not sent again.`);
  let { known } = after;
  if (policy === 'accept' && left.length > 0) {
    known = accepting(known, left);
    sentences.push(`Changed at the application, and accepted: ${named(left)}.`);
  } else if (target.drift !== undefined && policy === 'report') {
    if (isNewDrift(left, link)) sentences.push(`Changed at the application, and left as it is: ${named(left)}.`);
    known = { ...known, told: printOf(left) };
  }
  const isEmpty = known.told === null && Object.keys(known.own).length === 0;
  const remember = isEmpty ? (link?.drift == null ? undefined : null) : known;
  return { remember, told: sentences.join(' ') };
}
