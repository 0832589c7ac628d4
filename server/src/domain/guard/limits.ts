import { GUARDED_KINDS, type GuardedKind, type GuardLimit, type GuardPolicy, type GuardPolicyInput, type GuardVerdict } from '../../contracts/guard';
import type { OperationKind } from '../../contracts/operation';
import type { Connection } from '../connection/connection';
import type { PlannedChange } from '../plan/change';

export type GuardCounts = Readonly<Partial<Record<GuardedKind, number>>>;

const limit = (count: number | null, percent: number | null): GuardLimit => ({ count, percent });

/** What a connection allows until an admin says otherwise. */
export const DEFAULT_GUARD: GuardPolicy = {
  limits: {
    create: limit(50, 50),
    update: limit(null, null),
    deactivate: limit(2, 10),
    delete: limit(2, 10),
    'role-grant': limit(5, 20),
    'member-remove': limit(5, 20),
  },
  freeFirstLoad: true,
};

export const guardOf = (connection: Pick<Connection, 'guard'>): GuardPolicy => connection.guard ?? DEFAULT_GUARD;

export const mergeGuard = (present: GuardPolicy, input: GuardPolicyInput | null): GuardPolicy => ({
  limits: { ...present.limits, ...input?.limits },
  freeFirstLoad: input?.freeFirstLoad ?? present.freeFirstLoad,
});

const KIND_OF: Readonly<Record<PlannedChange['kind'], GuardedKind | null>> = {
  create: 'create',
  update: 'update',
  // Gives somebody back what they had.
  reactivate: 'update',
  deactivate: 'deactivate',
  delete: 'delete',
  none: null,
};

/** As what a change counts; null: it does not. */
export const guardedKind = (kind: PlannedChange['kind']): GuardedKind | null => KIND_OF[kind];

/** As which operation a kind stands in the log. Members are an update of their group. */
export const operationOf = (kind: GuardedKind): OperationKind => (kind === 'member-remove' ? 'update' : kind);

/** How many of a kind need no approval; Infinity where there is no limit. */
export function allowedOf(policy: GuardPolicy, kind: GuardedKind, linked: number): number {
  // What was stored before there was this kind.
  const { count, percent } = policy.limits[kind] ?? DEFAULT_GUARD.limits[kind];
  if (count === null && percent === null) return Infinity;
  if (kind === 'create' && policy.freeFirstLoad && linked === 0) return Infinity;
  return Math.max(count ?? 0, percent === null ? 0 : Math.floor((linked * percent) / 100));
}

const DONE: Readonly<Record<GuardedKind, string>> = {
  create: 'created',
  update: 'changed',
  deactivate: 'deactivated',
  delete: 'deleted',
  'role-grant': 'given a role',
  'member-remove': 'taken out of groups',
};

/** Every limit that these changes exceed; none: they may be done. */
export function exceeded(policy: GuardPolicy, counts: GuardCounts, linked: number): GuardVerdict[] {
  return GUARDED_KINDS.flatMap((kind) => {
    const wanted = counts[kind] ?? 0;
    const allowed = allowedOf(policy, kind, linked);
    if (wanted <= allowed) return [];
    return [{ kind, wanted, allowed, linked, message: `${wanted} would be ${DONE[kind]}, of ${linked} linked; without approval ${allowed} may be.` }];
  });
}
