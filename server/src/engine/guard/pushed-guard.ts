import type { UnitOfWork } from '../../ports/unit-of-work';
import type { GuardWindow } from '../../ports/guard-window';
import type { LocalUser } from '../../ports/local-directory';
import type { ActorContext } from '../../ports/scim-service';
import type { PipelineContext, PipelineGuard } from '../pipeline';
import { HoldKeeper, type HoldKeeperDeps } from './hold-keeper';
import { InboundSession } from './inbound-session';
import { OutboundSession, type OutboundSessionDeps } from './outbound-session';
import { WindowLimit } from './window-limit';

export interface PushedGuardDeps extends HoldKeeperDeps {
  window: GuardWindow;
  unitOfWork: UnitOfWork;
}

/** The guard of what is pushed one by one: requests of providers, and deliveries in real time. */
export class PushedGuard {
  readonly keeper: HoldKeeper;
  private readonly sessionDeps: OutboundSessionDeps;
  /** The request that is being carried out; the operations of a bulk request come one after the other. */
  private readonly sessions = new WeakMap<ActorContext, InboundSession>();

  constructor(deps: PushedGuardDeps) {
    this.keeper = new HoldKeeper(deps);
    this.sessionDeps = { keeper: this.keeper, limit: new WindowLimit(deps.window, deps.clock), unitOfWork: deps.unitOfWork };
  }

  inbound(ctx: ActorContext, context: PipelineContext): PipelineGuard {
    const session = new InboundSession(this.sessionDeps, context);
    this.sessions.set(ctx, session);
    return session;
  }

  readonly outbound = (context: PipelineContext): PipelineGuard => new OutboundSession(this.sessionDeps, context);

  /** A group or `roles` gave somebody roles that they did not have. What an admin changes himself is not counted. */
  granted(ctx: ActorContext, user: LocalUser, roleIds: readonly number[]): void {
    this.sessions.get(ctx)?.grant(user, roleIds);
  }
}
