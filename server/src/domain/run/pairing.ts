import type { RunCounts } from '../../contracts/run';
import { hashOf } from '../diff/canonical';
import type { ItemDraft } from './run';

/** Ids are kept in columns of this length. */
const ID_LENGTH = 255;

/** `objectId` of an item whose object has no id on the Strapi side. */
export function remoteKey(remoteId: string): string {
  const key = `remote:${remoteId}`;
  return key.length > ID_LENGTH ? `remote:${hashOf(remoteId)}` : key;
}

/** Somebody on the side that is written whom nobody at the source matches: to be looked at, never done. Count it as `left-over`. */
export const leftOver = (object: Pick<ItemDraft, 'objectId' | 'objectName' | 'remoteId'> & { message?: string }): ItemDraft => ({
  message: '',
  ...object,
  objectType: 'User',
  kind: 'note',
  pairing: 'left-over',
  changes: [],
  risks: [],
  digest: 'note',
  state: 'listed',
  errorCode: null,
  before: null,
});

/** Why a first look waits for a person; none where the other side has nobody who could be mistaken for somebody else. */
export function adoptionReasons(adoption: boolean, { pairings }: RunCounts): string[] {
  const { matched, disputed, 'left-over': left } = pairings;
  if (!adoption || matched + disputed + left === 0) return [];
  return [`This is the first look at both sides: ${matched} matched, ${pairings.new} new, ${left} left over, ${disputed} disputed. Look at them, then approve.`];
}
