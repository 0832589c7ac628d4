import { AsyncResource } from 'node:async_hooks';
import type { Core } from '@strapi/types';
import type { Maintenance } from '../contracts/maintenance';
import type { Clock } from '../ports/clock';
import type { EventSink } from '../ports/events';
import type { MaintenanceSwitch } from '../ports/maintenance';

const STORE = { type: 'plugin', name: 'user-provisioning', key: 'maintenance' } as const;

/** Older than this, it is looked up again; the jobs of an instance do so all the time. */
const CACHE_MS = 2_000;
/** A request does not wait for the look-up unless what is known is this old: another instance's switch is noticed within it. */
const OLDEST_MS = 5_000;

const RUNNING: Maintenance = { paused: false, since: null, reason: '' };

/** Kept in Strapi's store: it outlives a restart, and holds on every instance. */
export class MaintenancePause implements MaintenanceSwitch {
  private seen: { at: number; state: Maintenance } | null = null;
  /** Raised by every switch made here, so that a state read before it is not kept after it. */
  private generation = 0;

  /** Bound: in no request, and in no transaction. */
  private readonly refresh: () => void = AsyncResource.bind(() => void this.current().catch(() => undefined));

  constructor(
    private readonly strapi: Core.Strapi,
    private readonly clock: Clock,
    private readonly events: EventSink
  ) {}

  async current(): Promise<Maintenance> {
    const now = this.clock.now();
    if (this.seen !== null && now - this.seen.at <= CACHE_MS) return this.seen.state;
    const { generation } = this;
    const state = await this.stored();
    if (generation === this.generation) this.seen = { at: now, state };
    return state;
  }

  async isPaused(): Promise<boolean> {
    return (await this.current()).paused;
  }

  /** For the path of every request. */
  async refusesRequests(): Promise<boolean> {
    const age = this.seen === null ? Infinity : this.clock.now() - this.seen.at;
    if (age > OLDEST_MS) return this.isPaused();
    if (age > CACHE_MS) this.refresh();
    return this.pausedWhenLastSeen;
  }

  get pausedWhenLastSeen(): boolean {
    return this.seen?.state.paused ?? false;
  }

  async set(paused: boolean, reason: string): Promise<Maintenance> {
    const before = await this.stored();
    const now = this.clock.now();
    const at = new Date(now).toISOString();
    const state: Maintenance = paused ? { paused, since: before.since ?? at, reason } : RUNNING;
    await this.strapi.store(STORE).set({ value: state });
    this.generation += 1;
    this.seen = { at: now, state };
    if (before.paused !== paused) await this.events.emit('user-provisioning.maintenance', { paused, at });
    return state;
  }

  private async stored(): Promise<Maintenance> {
    return ((await this.strapi.store(STORE).get({})) as Maintenance | null) ?? RUNNING;
  }
}
