import type { ScheduledCycle, FiringOutcome, MissedPolicy, Timing } from '../contracts/schedule';
import type { Firing, Schedule } from '../domain/schedule/schedule';
import { TABLES } from '../models';
import type { Clock } from '../ports/clock';
import type { ClaimedFiring, ScheduleFields, ScheduleStore } from '../ports/schedule-store';
import { isUniqueViolation, parseJson, toNumber, type Database } from './database';

const DAY_MS = 86_400_000;

interface ScheduleRow {
  id: number;
  connection_id: number;
  timing: string;
  time_zone: string;
  cycle: string;
  enabled: boolean | number;
  jitter_minutes: number;
  missed: string;
  anchor: number | string;
  handled_slot: number | string;
}

interface FiringRow {
  schedule_id: number;
  connection_id: number;
  slot: number | string;
  fires_at: number | string;
  claimed_at: number | string;
  outcome: string | null;
}

const toSchedule = (row: ScheduleRow): Schedule => ({
  id: row.id,
  connectionId: row.connection_id,
  timing: parseJson<Timing>(row.timing) ?? { kind: 'cron', expression: '' },
  timeZone: row.time_zone,
  cycle: row.cycle as ScheduledCycle,
  enabled: Boolean(row.enabled),
  jitterMinutes: row.jitter_minutes,
  missed: row.missed as MissedPolicy,
  anchor: toNumber(row.anchor),
  handledSlot: toNumber(row.handled_slot),
});

const toFiring = (row: FiringRow): ClaimedFiring => ({
  scheduleId: row.schedule_id,
  connectionId: row.connection_id,
  slot: toNumber(row.slot),
  at: toNumber(row.fires_at),
  claimedAt: toNumber(row.claimed_at),
  outcome: row.outcome as FiringOutcome | null,
});

const columnsOf = (fields: ScheduleFields): Record<string, unknown> => ({
  timing: JSON.stringify(fields.timing),
  time_zone: fields.timeZone,
  cycle: fields.cycle,
  enabled: fields.enabled,
  jitter_minutes: fields.jitterMinutes,
  missed: fields.missed,
  anchor: fields.anchor,
  handled_slot: fields.handledSlot,
});

export class SqlScheduleStore implements ScheduleStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock
  ) {}

  enabled(): Promise<Schedule[]> {
    return this.find({ enabled: true });
  }

  ofConnection(connectionId: number): Promise<Schedule[]> {
    return this.find({ connection_id: connectionId });
  }

  async create(connectionId: number, fields: ScheduleFields): Promise<Schedule> {
    const now = this.clock.now();
    const id = await this.database.insertedId(TABLES.schedules, { connection_id: connectionId, ...columnsOf(fields), created_at: now, updated_at: now });
    return { ...fields, id, connectionId };
  }

  async update(connectionId: number, id: number, fields: ScheduleFields): Promise<boolean> {
    const changed = await this.database.query<number>(async (tables) =>
      tables(TABLES.schedules).where({ id, connection_id: connectionId }).update({ ...columnsOf(fields), updated_at: this.clock.now() })
    );
    return changed > 0;
  }

  async remove(connectionId: number, id: number): Promise<boolean> {
    return this.database.run(() =>
      this.database.query(async (tables) => {
        const removed = await tables(TABLES.schedules).where({ id, connection_id: connectionId }).delete();
        if (removed > 0) await tables(TABLES.firings).where({ schedule_id: id }).delete();
        return removed > 0;
      })
    );
  }

  async claim({ id, connectionId }: Schedule, { slot, at }: Firing, outcome: FiringOutcome | null): Promise<boolean> {
    try {
      return await this.database.run(() =>
        this.database.query(async (tables) => {
          await tables(TABLES.firings).insert({ schedule_id: id, connection_id: connectionId, slot, fires_at: at, claimed_at: this.clock.now(), outcome });
          const handled = await tables(TABLES.schedules).where({ id, enabled: true }).where('handled_slot', '<', slot).update({ handled_slot: slot });
          // It was removed, switched off or saved anew since it was read: the claim goes with the transaction.
          if (handled === 0) throw new NotAnyMore();
          return true;
        })
      );
    } catch (error) {
      if (error instanceof NotAnyMore || isUniqueViolation(error)) return false;
      throw error;
    }
  }

  async abandoned(claimedBefore: number, limit: number): Promise<ClaimedFiring[]> {
    const rows = await this.database.query<FiringRow[]>(async (tables) =>
      tables(TABLES.firings).whereNull('outcome').where('claimed_at', '<', claimedBefore).orderBy('claimed_at').limit(limit)
    );
    return rows.map(toFiring);
  }

  async takeOver({ scheduleId, slot, claimedAt }: ClaimedFiring): Promise<boolean> {
    const taken = await this.database.query<number>(async (tables) =>
      tables(TABLES.firings).where({ schedule_id: scheduleId, slot, claimed_at: claimedAt }).whereNull('outcome').update({ claimed_at: this.clock.now() })
    );
    return taken > 0;
  }

  async settle(scheduleId: number, slot: number, outcome: FiringOutcome): Promise<void> {
    await this.database.query(async (tables) => tables(TABLES.firings).where({ schedule_id: scheduleId, slot }).update({ outcome }));
  }

  async lastFirings(connectionId: number, each: number): Promise<ClaimedFiring[]> {
    const rows = await this.database.query<FiringRow[]>(async (tables, knex) => {
      const ranked = tables(TABLES.firings)
        .where({ connection_id: connectionId })
        .select('*')
        .rowNumber('place', (order) => void order.partitionBy('schedule_id').orderBy('slot', 'desc'));
      return knex.from(ranked.as('ranked')).where('place', '<=', each).orderBy('slot', 'desc');
    });
    return rows.map(toFiring);
  }

  async prune(keep: number): Promise<void> {
    const until = this.clock.now() - DAY_MS;
    for (const { id } of await this.find({})) {
      await this.database.query(async (tables) => {
        const oldest = await tables(TABLES.firings).where({ schedule_id: id }).orderBy('slot', 'desc').offset(keep - 1).limit(1).first('slot');
        if (oldest !== undefined) await tables(TABLES.firings).where({ schedule_id: id }).where('slot', '<', oldest.slot).where('slot', '<', until).delete();
      });
    }
  }

  private async find(where: Record<string, unknown>): Promise<Schedule[]> {
    const rows = await this.database.query<ScheduleRow[]>(async (tables) => tables(TABLES.schedules).where(where).orderBy('id'));
    return rows.map(toSchedule);
  }
}

class NotAnyMore extends Error {}
