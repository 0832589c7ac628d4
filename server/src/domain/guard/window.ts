import type { GuardedKind, GuardPolicy, GuardVerdict } from '../../contracts/guard';
import { allowedOf } from './limits';

/** Minutes that count beside the present one: never less than an hour. */
export const WINDOW_MINUTES = 60;

const MINUTE_MS = 60_000;

/** As what something is counted. Creations of a first load do not use up the limit that holds after it. */
export type CountedKind = GuardedKind | 'first-load';

export const minuteOf = (now: number): number => Math.floor(now / MINUTE_MS);

export const windowStart = (now: number): number => minuteOf(now) - WINDOW_MINUTES;

const WOULD: Readonly<Record<GuardedKind, string>> = {
  create: 'created',
  update: 'changed',
  deactivate: 'deactivated',
  delete: 'deleted',
  'role-grant': 'given a role they did not have',
  'member-remove': 'taken out of groups',
};

/** What percent is of: those who were linked before the window's own creations and deletions. */
export function baseOf(kind: GuardedKind, done: number, linked: number): number {
  if (kind === 'create') return Math.max(0, linked - done);
  return kind === 'delete' ? linked + done : linked;
}

/** Whether an hour in which `done` were done already has room for `wanted` more; null: it has. */
export function windowVerdict(policy: GuardPolicy, kind: GuardedKind, { done, wanted, linked }: { done: number; wanted: number; linked: number }): GuardVerdict | null {
  const base = baseOf(kind, done, linked);
  const allowed = allowedOf({ ...policy, freeFirstLoad: false }, kind, base);
  const total = done + wanted;
  if (total <= allowed) return null;
  const people = total === 1 ? '1 person' : `${total} people`;
  return { kind, wanted: total, allowed, linked: base, message: `${people} would be ${WOULD[kind]} within an hour, of ${base} linked; without approval ${allowed} may be.` };
}
