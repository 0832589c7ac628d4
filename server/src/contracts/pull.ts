/** Pulls as the admin API tells of them. The admin panel imports these as types only. */
import type { GuardedKind, GuardVerdict } from './guard';

/** What was done to objects of one type, or would be. */
export interface PullCounts {
  /** Objects that came. */
  read: number;
  created: number;
  updated: number;
  deactivated: number;
  /** Accounts that existed before and were taken over. */
  linked: number;
  unchanged: number;
  /** Gone from the source in two complete reads. */
  deleted: number;
  /** Refused or failed; the log says why. */
  failed: number;
}

/** Body of `POST /connections/:id/pull`. */
export interface PullInput {
  /** Looks also at whom the source did not change: what was changed in Strapi is put right. */
  full?: boolean;
  /** Of what the guard refused: as many as this may be done once. An empty source cannot be approved. */
  approve?: Partial<Record<GuardedKind, number>>;
}

/** `GET /connections/:id/pull`: the one that is under way, or the last one since this Strapi started. */
export interface PullState {
  /** `refused`: the guard held it, nothing was written. `failed`: the source could not be read; who came before was written. */
  status: 'running' | 'done' | 'refused' | 'failed' | 'stopped';
  startedAt: string;
  finishedAt: string | null;
  /** In a sentence. */
  message: string;
  users: PullCounts;
  groups: PullCounts;
  /** Why nobody counted as missing, where the read was not complete. */
  incomplete: string | null;
  verdicts: GuardVerdict[];
}
