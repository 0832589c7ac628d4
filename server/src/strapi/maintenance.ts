import type { Core } from '@strapi/types';
import type { Maintenance } from '../contracts/maintenance';
import type { Clock } from '../ports/clock';
import type { EventSink } from '../ports/events';
import type { MaintenanceSwitch } from '../ports/maintenance';

const STORE = { type: 'plugin', name: 'user-provisioning', key: 'maintenance' } as const;

/** How long another instance's switch may go unnoticed. */
const CACHE_MS = 2_000;

const RUNNING: Maintenance = { paused: false, since: null, reason: '' };

/** Kept in Strapi's store: it outlives a restart, and holds on every instance. */
export class MaintenancePause implements MaintenanceSwitch {
  private seen: { at: number; state: Maintenance } | null = null;

  constructor(
    private readonly strapi: Core.Strapi,
    private readonly clock: Clock,
    private readonly events: EventSink
  ) {}

  async current(): Promise<Maintenance> {
    const now = this.clock.now();
    if (this.seen !== null && now - this.seen.at <= CACHE_MS) return this.seen.state;
    const stored = (await this.strapi.store(STORE).get({})) as Maintenance | null;
    const state = stored ?? RUNNING;
    this.seen = { at: now, state };
    return state;
  }

  async isPaused(): Promise<boolean> {
    return (await this.current()).paused;
  }

  get pausedWhenLastSeen(): boolean {
    return this.seen?.state.paused ?? false;
  }

  async set(paused: boolean, reason: string): Promise<Maintenance> {
    this.seen = null;
    const before = await this.current();
    const now = this.clock.now();
    const at = new Date(now).toISOString();
    const state: Maintenance = paused ? { paused, since: before.since ?? at, reason } : RUNNING;
    await this.strapi.store(STORE).set({ value: state });
    this.seen = { at: now, state };
    if (before.paused !== paused) await this.events.emit('user-provisioning.maintenance', { paused, at });
    return state;
  }
}
