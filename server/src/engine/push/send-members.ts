import type { HttpExchange } from '../../contracts/operation';
import { ProvisioningError } from '../../domain/errors';
import type { Directory } from '../../ports/directory';
import type { PushedMember, PushedMembers } from '../../ports/pushed-members';
import type { UnitOfWork } from '../../ports/unit-of-work';

/** So many refused members tell that the application takes none at all, not that one of them is wrong. */
const MAX_REFUSED = 32;

export interface SendDeps {
  pushedMembers: PushedMembers;
  unitOfWork: UnitOfWork;
}

/** What was sent of one group's members in one pass. */
export interface SentMembers {
  added: number;
  removed: number;
  /** The application does not take these, and nobody else waits for them. Still to be noted. */
  refused: PushedMember[];
  http: HttpExchange | null;
}

/** Of a member whose id at the application changed, the old one goes and the new one comes. */
export const addedIds = (members: readonly PushedMember[]): string[] => members.flatMap(({ wantedId }) => wantedId ?? []);
export const removedIds = (members: readonly PushedMember[]): string[] =>
  members.flatMap(({ remoteId, wantedId }) => (remoteId === null || remoteId === wantedId ? [] : remoteId));

/**
 * Sends some changed members in one request and notes it. If the application refuses them, each half is tried for itself: one
 * person who is unknown there must not keep all others out of the group.
 */
export async function sendMembers(target: Directory, ref: string, members: PushedMember[], sum: SentMembers, deps: SendDeps): Promise<void> {
  const refusal = await refusalOf(target, ref, members, sum);
  if (refusal === null) {
    await deps.unitOfWork.run(() => deps.pushedMembers.sent(members));
    sum.added += addedIds(members).length;
    sum.removed += removedIds(members).length;
    return;
  }
  if (members.length > 1) {
    const middle = Math.ceil(members.length / 2);
    await sendMembers(target, ref, members.slice(0, middle), sum, deps);
    return sendMembers(target, ref, members.slice(middle), sum, deps);
  }
  sum.refused.push(...members);
  if (sum.refused.length >= MAX_REFUSED) throw refusal;
}

/** Null: they are as they should be at the application. */
async function refusalOf(target: Directory, ref: string, members: PushedMember[], sum: SentMembers): Promise<ProvisioningError | null> {
  const [added, removed] = [addedIds(members), removedIds(members)];
  if (added.length + removed.length === 0) return null;
  if (target.updateMembers === undefined) throw new ProvisioningError('target-rejected', 'This kind of application has no groups that can be written. Switch off the groups of the connection.');
  try {
    sum.http = (await target.updateMembers(ref, added, removed)).exchange ?? sum.http;
    return null;
  } catch (error) {
    if (!(error instanceof ProvisioningError) || error.code !== 'target-rejected') throw error;
    const isGone = added.length === 0 && removed.length === 1 && isNoTarget(error);
    return isGone ? null : error;
  }
}

/** Nobody is there who could be taken away (RFC 7644 section 3.12). */
function isNoTarget({ exchange }: ProvisioningError): boolean {
  const body = exchange?.responseBody;
  return typeof body === 'object' && body !== null && 'scimType' in body && body.scimType === 'noTarget';
}
