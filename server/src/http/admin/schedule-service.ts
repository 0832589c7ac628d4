import type { Container } from '../../container';
import { SCHEDULE_LIMITS, type FiringInfo, type ScheduleInfo, type ScheduleInput, type SchedulePreview, type Timing } from '../../contracts/schedule';
import { firstSlots, nextFirings, SCHEDULE_DEFAULTS, type Schedule } from '../../domain/schedule/schedule';
import type { ClaimedFiring, ScheduleFields } from '../../ports/schedule-store';
import { refuseField } from './validation';

const SHOWN = 5;
const MINUTE_MS = 60_000;

const iso = (time: number): string => new Date(time).toISOString();

const sameTiming = (left: Timing, right: Timing): boolean => JSON.stringify(Object.entries(left).sort()) === JSON.stringify(Object.entries(right).sort());

/** Schedules of a connection, with what they did last and will do next. */
export class ScheduleService {
  constructor(private readonly container: Pick<Container, 'schedules' | 'now'>) {}

  async list(connectionId: number): Promise<ScheduleInfo[]> {
    const { schedules } = this.container;
    const [all, firings] = await Promise.all([schedules.ofConnection(connectionId), schedules.lastFirings(connectionId, SHOWN)]);
    return all.map((schedule) => this.info(schedule, firings));
  }

  async create(connectionId: number, input: ScheduleInput): Promise<ScheduleInfo> {
    const present = await this.container.schedules.ofConnection(connectionId);
    if (present.length >= SCHEDULE_LIMITS.perConnection) refuseField('timing', `A connection has at most ${SCHEDULE_LIMITS.perConnection} schedules. Remove one first.`);
    return this.info(await this.container.schedules.create(connectionId, this.fieldsOf(input, null)), []);
  }

  /** Null: there is no such schedule. */
  async update(connectionId: number, id: number, input: ScheduleInput): Promise<ScheduleInfo | null> {
    const { schedules } = this.container;
    const present = (await schedules.ofConnection(connectionId)).find((one) => one.id === id) ?? null;
    if (present === null || !(await schedules.update(connectionId, id, this.fieldsOf(input, present)))) return null;
    return (await this.list(connectionId)).find((one) => one.id === id) ?? null;
  }

  /** Nominal times: jitter depends on the schedule, which is not saved yet. */
  preview({ timing, timeZone = SCHEDULE_DEFAULTS.timeZone }: ScheduleInput): SchedulePreview {
    const now = this.container.now();
    return { next: firstSlots({ timing, timeZone, anchor: minuteOf(now) }, now, SHOWN).map(iso) };
  }

  /** What is left out gets its default, also on update: a schedule is saved whole. */
  private fieldsOf(input: ScheduleInput, present: Schedule | null): ScheduleFields {
    const now = this.container.now();
    const wanted = { ...SCHEDULE_DEFAULTS, ...input };
    const goesOn = present !== null && present.enabled && wanted.enabled && sameTiming(present.timing, wanted.timing) && present.timeZone === wanted.timeZone && present.jitterMinutes === wanted.jitterMinutes;
    return {
      ...wanted,
      anchor: present !== null && sameTiming(present.timing, wanted.timing) ? present.anchor : minuteOf(now),
      // Otherwise it begins now: nothing counts as missed of a schedule that was off, or another one.
      handledSlot: goesOn ? present.handledSlot : now,
    };
  }

  private info({ handledSlot: _handledSlot, anchor, ...schedule }: Schedule, firings: readonly ClaimedFiring[]): ScheduleInfo {
    return {
      ...schedule,
      next: schedule.enabled ? nextFirings({ ...schedule, anchor }, this.container.now(), SHOWN).map(({ at }) => iso(at)) : [],
      last: firings.filter(({ scheduleId }) => scheduleId === schedule.id).map(({ slot, at, outcome }): FiringInfo => ({ slot: iso(slot), at: iso(at), outcome })),
    };
  }
}

const minuteOf = (time: number): number => Math.floor(time / MINUTE_MS) * MINUTE_MS;
