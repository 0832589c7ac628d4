import { createHash } from 'node:crypto';
import type { PendingMembers, PushedMembers } from '../../ports/pushed-members';

/** How many members come and go, and a fingerprint of who they are. */
export interface MemberChange extends PendingMembers {
  digest: string;
}

const BYTES = 16;
export const MEMBER_PAGE = 1_000;

/** Fingerprint of a set of changed members of any size: in whatever order they come, and none of them is kept. */
export class MemberDigest {
  private readonly sum = Buffer.alloc(BYTES);
  private adds = 0;
  private removes = 0;

  note(localId: string, joins: boolean): void {
    if (joins) this.adds += 1;
    else this.removes += 1;
    const print = createHash('sha256').update(`${joins ? '+' : '-'}${localId}`).digest();
    for (let index = 0; index < BYTES; index += 1) this.sum[index] = (this.sum[index] ?? 0) ^ (print[index] ?? 0);
  }

  get change(): MemberChange {
    return { add: this.adds, remove: this.removes, digest: this.adds + this.removes === 0 ? '' : this.sum.toString('hex') };
  }
}

type Noted = Pick<PushedMembers, 'pending' | 'wanted'>;

/** What is noted of a group and still has to be sent, in pages; of one that is not linked yet, all who are wanted. */
export async function* notedMembers(store: Noted, connectionId: number, groupKey: string, isLinked: boolean): AsyncGenerator<{ localId: string; joins: boolean }[]> {
  for (let after = 0; ; ) {
    const page = await (isLinked ? store.pending(connectionId, groupKey, after, MEMBER_PAGE) : store.wanted(connectionId, groupKey, after, MEMBER_PAGE));
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.map(({ localId, wantedId }) => ({ localId, joins: wantedId !== null }));
    after = last.id;
  }
}

/** What sending the group now comes to. */
export async function memberChange(store: Noted, connectionId: number, groupKey: string, isLinked: boolean): Promise<MemberChange> {
  const digest = new MemberDigest();
  for await (const page of notedMembers(store, connectionId, groupKey, isLinked)) for (const { localId, joins } of page) digest.note(localId, joins);
  return digest.change;
}
