import type { Filter } from '../filter/ast';
import { elementTest, type ComparisonCost } from '../filter/evaluate';
import type { PlainObject } from '../schema/json';
import { MEMBERS } from '../schema/members';

/** An operation on the members that a filter selects (RFC 7644 section 3.5.2). */
export interface MemberSelection {
  kind: 'select';
  filter: Filter;
  /** Nobody else can match; null: anybody can, and the members are looked through. */
  candidates: string[] | null;
  /** Who is to be a member in place of those selected; empty: they are removed. */
  wanted: string[];
  /** The members selected may only be those wanted: their ids are immutable. Otherwise they are replaced. */
  keeps: boolean;
  /** Nobody selected is `noTarget` (section 3.5.2.3). */
  needsMatch: boolean;
}

export const selectionTest = ({ filter }: MemberSelection, cost: ComparisonCost): ((member: PlainObject) => boolean) => elementTest(filter, MEMBERS, cost);

const isValue = (name: string): boolean => name.toLowerCase() === 'value';

/** The ids of a filter that is nothing but `value eq "id"`, several of them joined with `or`; null: it is more than that. */
export function idsNamed(filter: Filter): string[] | null {
  if (filter.kind === 'or') return joined(idsNamed(filter.left), idsNamed(filter.right));
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || !isValue(filter.path.attribute)) return null;
  return typeof filter.value === 'string' && filter.value !== '' ? [filter.value] : null;
}

/** Ids among which every match is; null where the filter does not say. */
export function candidatesOf(filter: Filter): string[] | null {
  if (filter.kind === 'and') return candidatesOf(filter.left) ?? candidatesOf(filter.right);
  if (filter.kind === 'or') return joined(candidatesOf(filter.left), candidatesOf(filter.right));
  return idsNamed(filter);
}

/** The one id that the filter demands; null where it demands none. */
export function pinnedId(filter: Filter): string | null {
  if (filter.kind === 'and') return pinnedId(filter.left) ?? pinnedId(filter.right);
  return filter.kind === 'compare' ? (idsNamed(filter)?.[0] ?? null) : null;
}

const joined = (left: string[] | null, right: string[] | null): string[] | null => (left === null || right === null ? null : [...left, ...right]);
