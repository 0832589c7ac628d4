import type { ObjectType } from '../../../server/src/contracts/operation';
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Resource } from '../../../server/src/domain/resource/resource';
import type { DirectoryEntry, DirectoryPage, ListQuery, SourceDirectory } from '../../../server/src/ports/directory';

/** An application that people are pulled from, which lies on demand. What the list says and what is there may differ. */
export class MemorySource implements SourceDirectory {
  private readonly objects: Record<ObjectType, Map<string, Resource>> = { User: new Map(), Group: new Map() };
  readonly requests: { method: 'list' | 'read'; type: ObjectType; ref: string | null }[] = [];
  /** Objects that its lists leave out, and nobody is told. */
  readonly hidden = new Set<string>();
  /** Every read of this type ends after so many objects, and says that it was not complete. */
  cutAfter: number | null = null;
  /** Thrown by the next requests, in order; null lets one pass. */
  faults: (Error | null)[] = [];
  withoutGroups = false;
  pageSize = Infinity;
  /** Runs before each request is answered. */
  before: (() => Promise<void> | void) | null = null;

  user(id: string, fields: Record<string, unknown> = {}): void {
    this.objects.User.set(id, { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: id, active: true, ...fields });
  }

  group(id: string, displayName: string, members: string[] | null): void {
    const listed = members === null ? {} : { members: members.map((value) => ({ value })) };
    this.objects.Group.set(id, { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName, ...listed });
  }

  change(id: string, fields: Record<string, unknown>): void {
    for (const type of ['User', 'Group'] as const) {
      const present = this.objects[type].get(id);
      if (present !== undefined) this.objects[type].set(id, { ...present, ...fields });
    }
  }

  drop(id: string): void {
    this.objects.User.delete(id);
    this.objects.Group.delete(id);
  }

  get ids(): string[] {
    return [...this.objects.User.keys()];
  }

  get lists(): number {
    return this.requests.filter(({ method }) => method === 'list').length;
  }

  async list(type: ObjectType, { cursor, limit }: ListQuery): Promise<DirectoryPage> {
    await this.asked('list', type, null);
    if (type === 'Group' && this.withoutGroups) throw new ProvisioningError('not-found', 'The application has nothing at this address.');
    const all = [...this.objects[type].keys()].filter((id) => !this.hidden.has(id));
    const end = Math.min(this.cutAfter ?? Infinity, all.length);
    const from = cursor === null ? 0 : Number(cursor);
    const to = Math.min(end, from + Math.min(limit, this.pageSize));
    const entries = all.slice(from, to).map((ref) => this.entry(type, ref));
    const incomplete = end < all.length ? 'The read of the source was not complete: it was cut.' : null;
    return { entries, next: to < end ? String(to) : null, incomplete: to < end ? null : incomplete };
  }

  async read(type: ObjectType, ref: string): Promise<DirectoryEntry | null> {
    await this.asked('read', type, ref);
    return this.objects[type].has(ref) ? this.entry(type, ref) : null;
  }

  find = (): Promise<DirectoryEntry[]> => Promise.reject(new Error('A source is not searched.'));
  create = (): Promise<DirectoryEntry> => Promise.reject(new Error('A source is not written.'));
  update = (): Promise<DirectoryEntry> => Promise.reject(new Error('A source is not written.'));
  delete = (): Promise<void> => Promise.reject(new Error('A source is not written.'));

  private async asked(method: 'list' | 'read', type: ObjectType, ref: string | null): Promise<void> {
    this.requests.push({ method, type, ref });
    await this.before?.();
    const fault = this.faults.shift();
    if (fault) throw fault;
  }

  private entry(type: ObjectType, ref: string): DirectoryEntry {
    return { ref, resource: structuredClone({ schemas: [], ...this.objects[type].get(ref), id: ref, meta: { resourceType: type } }) };
  }
}
