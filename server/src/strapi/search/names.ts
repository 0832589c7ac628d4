import { createHash } from 'node:crypto';
import type { ObjectType } from '../../contracts/operation';

const hashes = new Map<string, number>();
/** Names come from clients too: the memory for them has an end. */
const REMEMBERED = 2_000;

function hash48(text: string): number {
  const known = hashes.get(text);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(text).digest().readUIntBE(0, 6);
  if (hashes.size < REMEMBERED) hashes.set(text, hash);
  return hash;
}

/** Key of an attribute by its qualified name in lower case. Users and groups never meet in one key. */
export const attributeKey = (type: ObjectType, name: string): number => hash48(`${type} ${name}`);

/**
 * Attribute of a row that says nothing but that the connection is linked to the object: what it sees of a protected
 * account may hold no attribute at all.
 */
export const LINK_MARK = attributeKey('User', '');

/** 0 for the value itself. */
export const subKey = (name: string): number => (name === '' ? 0 : hash48(name));
