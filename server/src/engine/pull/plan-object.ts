import type { ErrorCode } from '../../contracts/error-codes';
import type { AttributeChange, ObjectType } from '../../contracts/operation';
import type { Pairing, PlannedKind } from '../../contracts/run';
import { ProvisioningError } from '../../domain/errors';
import type { PlannedChange } from '../../domain/plan/change';
import { presentUser } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import { remoteKey } from '../../domain/run/pairing';
import { digestOf, risksOf, type ItemDraft, type Run } from '../../domain/run/run';
import type { DirectoryEntry } from '../../ports/directory';
import type { KnownObject } from '../../ports/pull-store';
import { isTargetWide } from '../push/backoff';
import { isRefusal, messageOf } from '../step-recorder';
import type { PullContext, PullRunDeps } from './context';
import { Disputed } from './match-local';
import { PullGroup } from './pull-group';
import { fingerprint, PullUser } from './pull-user';
import { rolesOfGroup, rolesOfPerson, type RoleRisk } from './role-risks';

/** What a plan holds for one object of the source. */
export interface ObjectPlan {
  type: ObjectType;
  /** `none`: it is no object of the source. */
  counts: 'unchanged' | 'planned' | 'unplannable' | 'none';
  items: ItemDraft[];
  roles: RoleRisk;
}

/** As for what is kept of one object: larger ones are read a second time. */
const IMAGE_LIMIT = 64 * 1024;
const NO_ROLES: RoleRisk = { grants: 0, isSuperAdmin: false };

/** Works out what a run would do about one object of the source: the pipeline in a dry run. */
export class PlanObject {
  readonly people: PullUser;
  readonly groups: PullGroup;

  constructor(private readonly deps: PullRunDeps) {
    this.people = new PullUser(deps);
    this.groups = new PullGroup(deps);
  }

  bring(pull: PullContext, type: ObjectType, entry: DirectoryEntry, known: KnownObject | null, run: Run): Promise<ObjectPlan> {
    return type === 'User' ? this.bringUser(pull, entry, known, run) : this.bringGroup(pull, entry, known, run);
  }

  private async bringUser(pull: PullContext, entry: DirectoryEntry, known: KnownObject | null, run: Run): Promise<ObjectPlan> {
    const { connection } = pull;
    const name = nameIn(entry.resource.userName);
    let matched: string | null = null;
    const onMatch = (localId: string | null): void => void (matched = localId);
    try {
      const { change } = await this.people.bring(pull, entry, known, { dryRun: true, full: run.cycle === 'full', onMatch });
      if (change === null) {
        // What does not show in the account changed at the source.
        const hash = fingerprint(pull, entry.resource);
        if (!run.dryRun && known !== null && known.hash !== hash) await this.deps.pulls.rememberHash(connection.id, 'User', entry.ref, hash);
        return { type: 'User', counts: 'unchanged', items: [], roles: NO_ROLES };
      }
      const roles = await rolesOfPerson(connection, change, this.deps.directoryOf(connection.population));
      const kind = matched !== null && change.changes.every(({ path }) => path === 'externalId') ? 'link' : kindOf(change);
      const pairing: Pairing | null = known !== null ? null : matched === null ? 'new' : 'matched';
      const item = this.draft('User', entry.ref, known?.localId ?? matched, name, kind, change, roles);
      return { type: 'User', counts: 'planned', items: [{ ...item, ...(pairing === null ? {} : { pairing }), ...this.imageOf(entry), message: matched === null ? '' : TAKEN_OVER }], roles };
    } catch (error) {
      return this.couldNot('User', entry.ref, known, matched, name, error);
    }
  }

  private async bringGroup(pull: PullContext, entry: DirectoryEntry, known: KnownObject | null, run: Run): Promise<ObjectPlan> {
    const name = nameIn(entry.resource.displayName);
    try {
      const { change, members, grants, digest } = await this.groups.bring(pull, entry, known, { dryRun: true, full: run.cycle === 'full' });
      if (change === null) return { type: 'Group', counts: 'unchanged', items: [], roles: NO_ROLES };
      const roles = await rolesOfGroup(pull.connection, name, grants, this.deps.directoryOf(pull.connection.population));
      // Members that are brought by the same run are not here yet.
      const changes = change.changes.map((one): AttributeChange => (one.path.startsWith('members') ? { ...one, after: members } : one));
      const item = this.draft('Group', entry.ref, known?.localId ?? null, name, kindOf(change), { ...change, changes }, roles);
      return { type: 'Group', counts: 'planned', items: [{ ...item, digest, ...this.imageOf(entry) }], roles };
    } catch (error) {
      return this.couldNot('Group', entry.ref, known, null, name, error);
    }
  }

  /** Somebody or something is gone from the source. */
  async leave(pull: PullContext, type: ObjectType, known: KnownObject): Promise<ObjectPlan> {
    try {
      const { change } = await (type === 'User' ? this.people : this.groups).leave(pull, known, { dryRun: true });
      if (change === null) return { type, counts: 'none', items: [], roles: NO_ROLES };
      const name = nameIn(change.before?.userName ?? change.before?.displayName);
      const before = type === 'User' ? await this.seen(pull, known.localId) : null;
      return { type, counts: 'none', items: [{ ...this.draft(type, known.remoteId, known.localId, name, 'delete', change, NO_ROLES), before, message: 'No longer at the source.' }], roles: NO_ROLES };
    } catch (error) {
      return this.couldNot(type, known.remoteId, known, null, null, error);
    }
  }

  /** The person as the connection sees them, to make them again. */
  private async seen({ connection }: PullContext, localId: string): Promise<Resource | null> {
    const user = await this.deps.directoryOf(connection.population).readUser(localId, connection.id);
    const link = await this.deps.links.get(connection.id, 'User', localId);
    return user === null || link === null ? null : presentUser(user.resource, link.kept, link.externalId, link.state === 'suspended');
  }

  failed(type: ObjectType, ref: string, known: KnownObject | null, code: ErrorCode, message: string): ObjectPlan {
    const draft = this.draft(type, ref, known?.localId ?? null, null, known === null ? 'create' : 'update', null, NO_ROLES);
    return { type, counts: 'unplannable', items: [{ ...draft, state: 'failed', errorCode: code, message }], roles: NO_ROLES };
  }

  /** Another object of the source does something to the same object here already. Null: then there is nothing to do about it. */
  contested(draft: ItemDraft): ItemDraft | null {
    if (draft.kind === 'delete' || draft.state === 'listed' || draft.remoteId === null) return null;
    const { image: _image, ...rest } = draft;
    return {
      ...rest, objectId: remoteKey(draft.remoteId), changes: [], state: 'failed', pairing: 'disputed', risks: ['disputed'], errorCode: 'disputed',
      message: 'Another person of the source matches the same account: nobody can tell whose it is.',
    };
  }

  /** A source that is away ends the page; what is wrong with one object does not. */
  private couldNot(type: ObjectType, ref: string, known: KnownObject | null, matched: string | null, name: string | null, error: unknown): ObjectPlan {
    const code = error instanceof ProvisioningError ? error.code : isRefusal(error) ? 'invalid-value' : 'internal';
    if (code === 'internal' || isTargetWide(code)) throw error;
    const plan = this.failed(type, ref, known, code, error instanceof Error && isRefusal(error) ? error.message : messageOf(error));
    const [draft] = plan.items;
    if (draft === undefined) return plan;
    draft.objectName = name;
    if (known !== null) return plan;
    // Somebody here is meant, or may be: that waits for a person.
    if (matched !== null) draft.objectId = matched;
    const candidates = error instanceof Disputed ? error.candidates : [];
    if (matched === null && candidates.length === 0 && code !== 'uniqueness') return plan;
    Object.assign(draft, { pairing: 'disputed', risks: ['disputed'] } satisfies Partial<ItemDraft>);
    const listed = candidates.map((objectId): ItemDraft => ({
      ...draft, objectId, kind: 'note', remoteId: null, risks: [], digest: 'note', state: 'listed', errorCode: null, message: `One of several accounts that may be ${name ?? ref}.`,
    }));
    return { ...plan, items: [draft, ...listed] };
  }

  private draft(type: ObjectType, ref: string, localId: string | null, name: string | null, kind: PlannedKind, change: PlannedChange | null, { grants, isSuperAdmin }: RoleRisk): ItemDraft {
    return {
      objectType: type,
      objectId: localId ?? remoteKey(ref),
      objectName: name,
      kind,
      remoteId: ref,
      changes: change?.changes ?? [],
      risks: [...risksOf(kind), ...(grants > 0 ? ['role-grant' as const] : []), ...(isSuperAdmin ? ['super-admin' as const] : [])],
      digest: change === null ? kind : digestOf(change, ref),
      state: 'planned',
      errorCode: null,
      message: '',
      before: null,
    };
  }

  private imageOf({ resource }: DirectoryEntry): Pick<ItemDraft, 'image'> {
    const readAt = this.deps.clock.now();
    return Buffer.byteLength(JSON.stringify(resource)) > IMAGE_LIMIT ? {} : { image: { resource, readAt } };
  }
}

const TAKEN_OVER = 'An account that was here before is taken over.';

export const kindOf = ({ kind }: PlannedChange): PlannedKind => (kind === 'none' ? 'note' : kind);

const nameIn = (value: unknown): string | null => (typeof value === 'string' ? value : null);
