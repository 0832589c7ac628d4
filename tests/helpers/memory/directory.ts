import type { AttributeChange, ObjectType } from '../../../server/src/contracts/operation';
import { normaliseName } from '../../../server/src/domain/identity/normalise';
import { ProvisioningError } from '../../../server/src/domain/errors';
import { segmentsOf, setValueAt, valueAt } from '../../../server/src/domain/mapping/path';
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { Directory, DirectoryEntry, DirectoryPage, ListQuery } from '../../../server/src/ports/directory';

export interface DirectoryRequest {
  method: 'list' | 'read' | 'find' | 'create' | 'update' | 'updateMembers' | 'delete';
  ref: string | null;
  resource: Resource | null;
  changes: AttributeChange[];
  /** `find`: what was looked for. */
  attribute: string | null;
  value: string | null;
  /** `updateMembers`: whom. */
  add: string[];
  remove: string[];
}

/** `lost`: the application did what it was asked for, and the answer never arrived. */
export type Fault = Error | { lost: Error };

const WRITES: readonly DirectoryRequest['method'][] = ['create', 'update', 'updateMembers', 'delete'];

/**
 * A remote application with users: assigns its own ids, keeps userName unique, applies exactly the changes it is told,
 * and fails on demand. It is not part of any transaction.
 */
export class MemoryDirectory implements Directory {
  readonly requests: DirectoryRequest[] = [];
  private readonly objects = new Map<string, Resource>();
  private readonly faults: { matches(request: DirectoryRequest): boolean; fault: Fault }[] = [];
  private fault: ((request: DirectoryRequest) => Fault | null) | null = null;
  private before: ((request: DirectoryRequest) => Promise<void> | void) | null = null;
  private lastRef = 0;
  /** False: searches find nothing, as in an application whose index is behind. */
  searchable = true;
  /** Left out of its lists, and nobody is told. */
  readonly hidden = new Set<string>();
  /** Lists end after so many, and say that they were not complete. */
  cutAfter: number | null = null;
  /** Attributes that it stores in its own way. */
  own: ((resource: Resource) => Record<string, unknown>) | null = null;
  /** Attributes it does not know: neither stored nor found, and no error either. */
  unknown: string[] = [];

  constructor(private readonly prefix = 'r') {}

  // What a test arranges and looks at.

  /** An object somebody else made there; `ref`: the id it has. */
  put(resource: Omit<Resource, 'schemas'>, ref?: string): string {
    const stored = this.store({ schemas: [], ...resource });
    if (ref === undefined) return stored;
    this.objects.set(ref, this.objects.get(stored) ?? { schemas: [] });
    this.objects.delete(stored);
    return ref;
  }

  /** A change somebody else makes there. */
  overwrite(ref: string, attributes: Record<string, unknown>): void {
    const present = this.objects.get(ref);
    if (present !== undefined) this.objects.set(ref, { ...present, ...structuredClone(attributes) });
  }

  drop(ref: string): void {
    this.objects.delete(ref);
  }

  get users(): Resource[] {
    return [...this.objects.entries()].map(([ref, resource]) => structuredClone({ ...resource, id: ref }));
  }

  user(userName: string): Resource | undefined {
    return this.users.find((user) => user.userName === userName);
  }

  get writes(): DirectoryRequest[] {
    return this.requests.filter((request) => WRITES.includes(request.method));
  }

  /** The next request that matches fails this way; once each, in order. */
  failOnce(fault: Fault, matches: (request: DirectoryRequest) => boolean = () => true): void {
    this.faults.push({ fault, matches });
  }

  /** Every request is asked about; null lets it pass, `null` instead of a function ends it. */
  failWhile(fault: ((request: DirectoryRequest) => Fault | null) | null): void {
    this.fault = fault;
  }

  /** Runs while the request is under way. */
  during(hook: ((request: DirectoryRequest) => Promise<void> | void) | null): void {
    this.before = hook;
  }

  forgetRequests(): void {
    this.requests.length = 0;
  }

  // The port.

  read(_type: ObjectType, ref: string): Promise<DirectoryEntry | null> {
    return this.handle({ method: 'read', ref }, () => this.entry(ref));
  }

  find(_type: ObjectType, attribute: string, value: string): Promise<DirectoryEntry[]> {
    return this.handle({ method: 'find', attribute, value }, () => {
      if (!this.searchable) return [];
      const hits = [...this.objects.entries()].filter(([, resource]) => sameValue(attribute, valueAt(resource, attribute), value));
      return hits.slice(0, 2).flatMap(([ref]) => this.entry(ref) ?? []);
    });
  }

  list(type: ObjectType, { cursor, limit }: ListQuery): Promise<DirectoryPage> {
    return this.handle({ method: 'list' }, () => {
      const all = [...this.objects].filter(([ref, resource]) => !this.hidden.has(ref) && (type === 'User') === (resource.userName !== undefined));
      const end = Math.min(this.cutAfter ?? Infinity, all.length);
      const from = Number(cursor ?? 0);
      const to = Math.min(end, from + limit);
      const incomplete = end < all.length ? 'The read of the source was not complete: it was cut.' : null;
      return { entries: all.slice(from, to).map(([ref]) => this.stored(ref)), next: to < end ? String(to) : null, incomplete: to < end ? null : incomplete };
    });
  }

  create(_type: ObjectType, resource: Resource): Promise<DirectoryEntry> {
    return this.handle({ method: 'create', resource }, () => this.stored(this.store(structuredClone(resource))));
  }

  update(_type: ObjectType, ref: string, desired: Resource, changes: AttributeChange[]): Promise<DirectoryEntry> {
    return this.handle({ method: 'update', ref, resource: desired, changes }, () => {
      const present = this.objects.get(ref);
      if (!present) throw new ProvisioningError('not-found', `The application has no user ${ref}.`);
      const next = structuredClone(present);
      for (const { path, after } of changes) {
        if (after === null) removeAt(next, path);
        else setValueAt(next, path, structuredClone(after));
      }
      this.refuseTaken(next, ref);
      this.objects.set(ref, this.withoutUnknown(next));
      return this.stored(ref);
    });
  }

  /** Knows its members: one who is not there is refused, as many applications do. */
  updateMembers(ref: string, add: string[], remove: string[]): Promise<object> {
    return this.handle({ method: 'updateMembers', ref, add, remove }, () => {
      const present = this.objects.get(ref);
      if (!present) throw new ProvisioningError('not-found', `The application has no group ${ref}.`);
      const unknown = add.find((value) => !this.objects.has(value));
      if (unknown !== undefined) throw new ProvisioningError('target-rejected', `${unknown} does not exist.`);
      const others = this.membersOf(ref).filter((value) => !remove.includes(value) && !add.includes(value));
      this.objects.set(ref, { ...present, members: [...others, ...add].map((value) => ({ value })) });
      return {};
    });
  }

  membersOf(ref: string | undefined): string[] {
    const members = this.objects.get(ref ?? '')?.members;
    return Array.isArray(members) ? members.map(({ value }: { value: string }) => value) : [];
  }

  /** Groups by their name, with the user names of their members, sorted. */
  get groups(): Record<string, string[]> {
    const groups = [...this.objects.entries()].filter(([, resource]) => resource.userName === undefined);
    const nameOf = (value: string): string => String(this.objects.get(value)?.userName ?? `${value}?`);
    return Object.fromEntries(groups.map(([ref, { displayName }]) => [String(displayName), this.membersOf(ref).map(nameOf).sort()]));
  }

  async delete(_type: ObjectType, ref: string): Promise<void> {
    await this.handle({ method: 'delete', ref }, () => this.objects.delete(ref));
  }

  private async handle<T>(fields: Partial<DirectoryRequest> & Pick<DirectoryRequest, 'method'>, work: () => T): Promise<T> {
    const request: DirectoryRequest = structuredClone({ ref: null, resource: null, changes: [], attribute: null, value: null, add: [], remove: [], ...fields });
    this.requests.push(request);
    await Promise.resolve();
    await this.before?.(request);
    const fault = this.nextFault(request);
    if (fault instanceof Error) throw fault;
    const result = work();
    if (fault !== null) throw fault.lost;
    return result;
  }

  private nextFault(request: DirectoryRequest): Fault | null {
    const index = this.faults.findIndex((item) => item.matches(request));
    const [once] = index < 0 ? [] : this.faults.splice(index, 1);
    return once?.fault ?? this.fault?.(request) ?? null;
  }

  private entry(ref: string): DirectoryEntry | null {
    return this.objects.has(ref) ? this.stored(ref) : null;
  }

  private stored(ref: string): DirectoryEntry {
    const resource = this.objects.get(ref) ?? { schemas: [] };
    return { ref, resource: structuredClone({ ...resource, id: ref }) };
  }

  private store(resource: Resource): string {
    this.refuseTaken(resource, null);
    this.lastRef += 1;
    const ref = `${this.prefix}${this.lastRef}`;
    this.objects.set(ref, this.withoutUnknown(resource));
    return ref;
  }

  private withoutUnknown(resource: Resource): Resource {
    return Object.fromEntries(Object.entries({ ...resource, ...this.own?.(resource) }).filter(([name]) => !this.unknown.includes(name))) as Resource;
  }

  private refuseTaken(resource: Resource, ownRef: string | null): void {
    for (const [ref, other] of this.objects) {
      if (ref !== ownRef && sameValue('userName', other.userName, String(resource.userName))) {
        throw new ProvisioningError('uniqueness', 'The application already has such an object.');
      }
    }
  }
}

function sameValue(attribute: string, held: unknown, wanted: string): boolean {
  if (typeof held !== 'string') return false;
  return attribute === 'userName' ? normaliseName(held) === normaliseName(wanted) : held === wanted;
}

function removeAt(resource: Resource, path: string): void {
  const segments = segmentsOf(path);
  const last = segments.pop();
  let parent: unknown = resource;
  for (const segment of segments) {
    if (typeof parent !== 'object' || parent === null) return;
    parent = (parent as Record<string, unknown>)[segment];
  }
  if (last !== undefined && typeof parent === 'object' && parent !== null) delete (parent as Record<string, unknown>)[last];
}
