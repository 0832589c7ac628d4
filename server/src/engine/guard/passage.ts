import type { GuardedKind } from '../../contracts/guard';
import type { Connection } from '../../domain/connection/connection';
import type { HoldObject } from '../../ports/hold-store';
import type { HoldKeeper, Refusal } from './hold-keeper';
import type { CountedAt, Room, WindowLimit } from './window-limit';

export interface PassageDeps {
  limit: WindowLimit;
  keeper: HoldKeeper;
}

/** Some people, one kind: whether they may pass, and what is to be counted or remembered once they did. */
export class Passage {
  private at: CountedAt | null = null;

  private constructor(
    private readonly deps: PassageDeps,
    private readonly connection: Connection,
    private readonly kind: GuardedKind,
    /** Who counts; approved ones do not. */
    private readonly counted: HoldObject[],
    private readonly wanted: number,
    private readonly room: Room,
    private readonly approved: string[],
    /** Null: they may pass. */
    readonly refusal: Refusal | null
  ) {}

  /** `unlisted`: how many more there are than are named. */
  static async of(deps: PassageDeps, connection: Connection, kind: GuardedKind, objects: HoldObject[], unlisted = 0): Promise<Passage> {
    const { limit, keeper } = deps;
    const made = (counted: HoldObject[], room: Room, approved: string[], refusal: Refusal | null = null): Passage =>
      new Passage(deps, connection, kind, counted, counted.length + unlisted, room, approved, refusal);
    const room = await limit.room(connection, kind, objects.length + unlisted);
    if (room.countAs === null || room.countAs === 'first-load') return made(objects, room, []);
    const held = await keeper.held(connection.id, kind);
    if (room.verdict === null && held === null) return made(objects, room, []);
    const approved = await keeper.approved(connection.id, kind, objects.map(({ key }) => key));
    const rest = objects.filter(({ key }) => !approved.has(key));
    if (rest.length + unlisted === 0) return made([], { ...room, countAs: null, verdict: null }, [...approved]);
    const again = approved.size === 0 ? room : await limit.room(connection, kind, rest.length + unlisted);
    if (held === null && again.verdict === null) return made(rest, again, [...approved]);
    const verdict = again.verdict ?? held;
    return made(rest, again, [], verdict === null ? null : { kind, verdict, objects: rest });
  }

  /** In the transaction of the change, or of its reservation. Answers a refusal where others were faster. */
  async count(): Promise<Refusal | null> {
    const { verdict, at } = await this.deps.limit.count(this.connection, this.kind, this.room, this.wanted);
    this.at = at;
    return verdict === null ? null : { kind: this.kind, verdict, objects: this.counted };
  }

  /** What was counted was not done after all. */
  async release(): Promise<void> {
    if (this.at !== null) await this.deps.limit.release(this.at, this.wanted);
  }

  /** In the transaction of the change: an approval is used up. */
  async use(): Promise<void> {
    if (this.approved.length > 0) await this.deps.keeper.done(this.connection.id, this.kind, this.approved);
  }
}
