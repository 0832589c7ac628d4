import { AsyncResource } from 'node:async_hooks';
import type { PullState } from '../contracts/pull';
import type { GuardCounts } from '../domain/guard/limits';
import type { Connection } from '../domain/connection/connection';
import { ProvisioningError } from '../domain/errors';
import type { PullContext } from '../engine/pull/context';
import type { PullAll, PullReport } from '../engine/pull/pull-all';
import { noCounts } from '../engine/pull/tally';

export interface PullRequest {
  connection: Connection;
  actor: string;
  full: boolean;
  approved: GuardCounts;
}

interface Running {
  state: PullState;
  cancelled: boolean;
  ended: Promise<void>;
}

/** Pulls that are under way in this process, and how the last one of each connection ended. One at a time per connection. */
export class PullRunner {
  private readonly pulls = new Map<number, Running>();
  private stopping = false;

  constructor(
    private readonly all: PullAll,
    private readonly deps: {
      now(): number;
      /** The source behind the connection, and on whose behalf it is read. Throws `credential-unreadable`. */
      open(connection: Connection, actor: string): Promise<PullContext>;
      onError(error: unknown): void;
    }
  ) {}

  /** May be called from inside a request; bound, so that the work never runs in it. Null: one is under way already. */
  readonly start: (request: PullRequest) => PullState | null = AsyncResource.bind((request: PullRequest): PullState | null => {
    const { id } = request.connection;
    if (this.stopping || this.pulls.get(id)?.state.status === 'running') return null;
    const state: PullState = {
      status: 'running', startedAt: this.time(), finishedAt: null, message: 'Reading the source.', users: noCounts(), groups: noCounts(), incomplete: null, verdicts: [],
    };
    const running: Running = { state, cancelled: false, ended: Promise.resolve() };
    this.pulls.set(id, running);
    running.ended = this.carryOut(request, running);
    return state;
  });

  state(connectionId: number): PullState | null {
    return this.pulls.get(connectionId)?.state ?? null;
  }

  /** The connection is gone. */
  forget(connectionId: number): void {
    const running = this.pulls.get(connectionId);
    if (running !== undefined) running.cancelled = true;
    this.pulls.delete(connectionId);
  }

  /** Ends after the objects that are being dealt with. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.pulls.values()].map(({ ended }) => ended));
  }

  /** A pause that `stop` cuts short. */
  readonly wait = async (ms: number): Promise<void> => {
    const until = this.deps.now() + ms;
    while (!this.stopping && this.deps.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(250, until - this.deps.now())));
    }
  };

  private async carryOut({ connection, actor, full, approved }: PullRequest, running: Running): Promise<void> {
    let report: Omit<PullReport, 'users' | 'groups'> & Partial<PullReport>;
    try {
      const pull = await this.deps.open(connection, actor);
      report = await this.all.run(pull, {
        full,
        approved,
        isStopping: () => this.stopping || running.cancelled,
        onProgress: ({ users, groups }) => (running.state = { ...running.state, users, groups }),
      });
    } catch (error) {
      const known = error instanceof ProvisioningError;
      if (!known) this.deps.onError(error);
      report = { status: 'failed', message: known ? error.message : 'The pull failed; see Strapi’s log.', incomplete: null, verdicts: [] };
    }
    running.state = { ...running.state, ...report, finishedAt: this.time() };
  }

  private time(): string {
    return new Date(this.deps.now()).toISOString();
  }
}
