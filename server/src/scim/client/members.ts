import { PATCH_OP_URN } from '../messages/urns';
import { isObject } from '../schema/json';
import type { PatchBody } from './patch-body';

/**
 * Changed members of a group, and nobody else (RFC 7644 section 3.5.2): those who come in one operation, each who goes in an
 * operation of their own with a path, which is the form that every application understands.
 */
export function membersPatch(add: readonly string[], remove: readonly string[]): PatchBody {
  const added = add.length === 0 ? [] : [{ op: 'add' as const, path: 'members', value: add.map((value) => ({ value })) }];
  return { schemas: [PATCH_OP_URN], Operations: [...remove.map((value) => ({ op: 'remove' as const, path: `members[value eq ${JSON.stringify(value)}]` })), ...added] };
}

/** The list for an application that takes groups as a whole only; members that are not ours go back as they are. */
export function withMembers(held: unknown, add: readonly string[], remove: readonly string[]): object[] {
  const gone = new Set([...remove, ...add]);
  const others = Array.isArray(held) ? held.filter(isObject).filter(({ value }) => typeof value !== 'string' || !gone.has(value)) : [];
  return [...others, ...add.map((value) => ({ value }))];
}
