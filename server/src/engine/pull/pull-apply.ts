import { ProvisioningError } from '../../domain/errors';
import type { Connection } from '../../domain/connection/connection';
import type { PlannedChange } from '../../domain/plan/change';
import { isRemoteKey, remoteKey } from '../../domain/run/pairing';
import { digestOf, type Run } from '../../domain/run/run';
import type { DirectoryEntry } from '../../ports/directory';
import type { StoredItem } from '../../ports/run-store';
import { isTargetWide } from '../push/backoff';
import { isRefusal, messageOf } from '../step-recorder';
import { readable, type PullContext, type PullMode, type PullRunDeps } from './context';
import { PullGroup, memberRefs } from './pull-group';
import { PullUser } from './pull-user';

/** So long an object counts as the source has it; later it is asked for by id once more. */
export const IMAGE_MS = 60 * 60_000;
const PAGE = 100;

export interface ApplyOptions {
  /** Between two objects: false where the run is somebody else's by now, or was stopped. */
  goesOn(): Promise<boolean>;
  /** After each object. */
  onDone(): void;
}

/**
 * Does what the plan of a pull says, object by object, each in one pass of the pipeline that refuses any other change. Run again
 * after any interruption it goes on: whatever was written already is found as wanted.
 */
export class PullApply {
  private readonly people: PullUser;
  private readonly groups: PullGroup;

  constructor(private readonly deps: PullRunDeps) {
    this.people = new PullUser(deps);
    this.groups = new PullGroup(deps);
  }

  /** False: it was stopped in between. */
  async apply(run: Run, connection: Connection, options: ApplyOptions): Promise<boolean> {
    const pull = await this.deps.open(connection, run);
    // A group goes after the groups that are its members; those within each other go as they come.
    for (let waits = true; ; ) {
      const { done, waiting, stopped } = await this.sweep(run, pull, waits, options);
      if (stopped) return false;
      if (waiting === 0) return true;
      waits = done > 0;
    }
  }

  private async sweep(run: Run, pull: PullContext, mayWait: boolean, { goesOn, onDone }: ApplyOptions): Promise<{ done: number; waiting: number; stopped: boolean }> {
    let done = 0;
    let waiting = 0;
    for (let after = 0; ; ) {
      const items = await this.deps.runs.items(run.id, ['planned'], after, PAGE);
      for (const item of items) {
        if (!(await goesOn())) return { done, waiting, stopped: true };
        if (mayWait && (await this.waitsForMembers(run, item))) {
          waiting += 1;
          continue;
        }
        await this.settle(pull, item);
        done += 1;
        onDone();
      }
      const last = items.at(-1);
      if (items.length < PAGE || last === undefined) return { done, waiting, stopped: false };
      after = last.id;
    }
  }

  private async waitsForMembers(run: Run, { objectType, image }: StoredItem): Promise<boolean> {
    const members = objectType === 'Group' ? memberRefs(image?.resource ?? { schemas: [] }) : [];
    const planned = await this.deps.runs.itemsOf(run.id, 'Group', members.map(remoteKey));
    return planned.some(({ state }) => state === 'planned');
  }

  private async settle(pull: PullContext, item: StoredItem): Promise<void> {
    const { runs } = this.deps;
    try {
      await this.carryOut(pull, item);
      await runs.finish(item.id, 'done', null, '', await this.madeBy(pull, item));
    } catch (error) {
      const code = error instanceof ProvisioningError ? error.code : isRefusal(error) ? 'invalid-value' : 'internal';
      if (isTargetWide(code) || code === 'internal') throw error;
      await runs.finish(item.id, code === 'stale' ? 'stale' : 'failed', code, messageOf(error));
    }
  }

  /** From then on the item is about somebody here: their story, and their erasure, find it. */
  private async madeBy({ connection }: PullContext, { objectType, objectId, remoteId }: StoredItem): Promise<string | undefined> {
    if (!isRemoteKey(objectId) || remoteId === null) return undefined;
    return (await this.deps.pulls.known(connection.id, objectType, [remoteId]))[0]?.localId;
  }

  private async carryOut(pull: PullContext, item: StoredItem): Promise<void> {
    const { connection } = pull;
    const ref = item.remoteId ?? '';
    const [known] = await this.deps.pulls.known(connection.id, item.objectType, [ref]);
    const approve = (change: PlannedChange): void => {
      if (digestOf(change, ref) !== item.digest) throw stale();
    };
    const mode: PullMode = { dryRun: false, full: true, approve };
    if (item.restore !== null) {
      await this.takeBack(pull, item, known?.localId ?? null, mode);
      return;
    }
    if (item.kind === 'delete') {
      // Gone already: the run was interrupted right after it.
      if (known === undefined) return;
      if ((await pull.source.read(item.objectType, ref)) !== null) {
        await this.deps.pulls.forgive(connection.id, item.objectType, [ref]);
        throw new ProvisioningError('stale', 'The source has it again.');
      }
      if (item.objectType === 'User') await this.people.leave(pull, known, mode);
      else await this.groups.leave(pull, known, { dryRun: false });
      return;
    }
    const entry = await this.entryOf(pull, item, ref);
    if (item.objectType === 'Group') {
      await this.groups.bring(pull, entry, known ?? null, { dryRun: false, full: true }, item.digest);
      return;
    }
    const onMatch = (localId: string | null): void => {
      if ((localId ?? remoteKey(ref)) !== item.objectId) throw stale();
    };
    await this.people.bring(pull, entry, known ?? null, { ...mode, onMatch });
  }

  /** The source may have gone on since: what is old is asked for again, and has to come to the same. */
  private async entryOf({ source }: PullContext, { objectType, image }: StoredItem, ref: string): Promise<DirectoryEntry> {
    if (image !== null && image !== undefined && this.deps.clock.now() - image.readAt < IMAGE_MS) return { ref, resource: image.resource };
    const entry = await source.read(objectType, ref);
    if (entry === null) throw new ProvisioningError('stale', 'The source does not have it any more.');
    return readable(entry);
  }

  private async takeBack(pull: PullContext, { objectId, restore }: StoredItem, knownAs: string | null, mode: PullMode): Promise<void> {
    const state = restore?.state ?? null;
    const isHere = isRemoteKey(objectId) ? knownAs !== null : (await this.deps.directoryOf(pull.connection.population).readUser(objectId)) !== null;
    const localId = isRemoteKey(objectId) ? knownAs : objectId;
    // Gone, or made again, already.
    if (state === null && !isHere) return;
    await this.people.takeBack(pull, isHere ? localId : null, state, mode);
  }
}

const stale = (): ProvisioningError => new ProvisioningError('stale', 'The person or the source changed since the plan was made: this is no longer what was approved.');
