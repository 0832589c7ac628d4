import type { Filter } from '../filter/ast';
import { quoted, ScimError } from '../messages/error';
import { isUnassigned } from '../schema/json';
import { attributeNamed } from '../schema/lookup';
import { idOf, memberIds, MEMBERS } from '../schema/members';
import { checkNames } from './change-elements';
import { candidatesOf, idsNamed, pinnedId, type MemberSelection } from './member-selection';
import type { PatchOperation, PatchPath } from './operation';
import { invalidPath } from './target';

/** Members are named by the ids of users or groups. */
export type MemberChange =
  /** First everybody goes if `removeAll`, then `remove`, then `add`; nobody is in both lists, but may be twice in one. */
  | { kind: 'patch'; add: string[]; remove: string[]; removeAll: boolean }
  /** Exactly these are the members afterwards. */
  | { kind: 'replace'; members: string[] }
  /** Whom a filter selects, which only the group knows. */
  | MemberSelection;

/**
 * The membership changes of one request, in order. Between two selections the last operation on a member counts, O(1) each.
 */
export class MemberLedger {
  private base: 'keep' | 'clear' | 'replace' = 'keep';
  /** False: the member is to go. */
  private readonly entries = new Map<string, boolean>();
  /** One list of members alone, which may be long, is passed on as it is. */
  private only: string[] | null = null;
  private touched = false;
  private readonly done: MemberChange[] = [];

  constructor(private readonly strict: boolean) {}

  apply(op: PatchOperation['op'], path: PatchPath, value: unknown): void {
    if (path.filter !== null) checkNames(path.filter, MEMBERS, this.strict);
    const sub = this.subOf(path, op, value);
    if (path.filter !== null) return this.applyToSelected(op, path.filter, sub, value);
    this.touched = true;
    if (op === 'add') return this.add(memberIds(value));
    if (op === 'replace') {
      const members = memberIds(value);
      this.reset('replace');
      return this.add(members);
    }
    // Removing with a list removes only those (Entra ID without its flag); without one, everybody.
    if (value === undefined || value === null) this.reset(this.base === 'replace' ? 'replace' : 'clear');
    else this.remove(memberIds(value));
  }

  changes(): MemberChange[] {
    this.flush();
    return this.done;
  }

  /**
   * All sub-attributes of a member are immutable (RFC 7643 section 4.2). Only `value` behind a filter can be meant well:
   * it names the member that is there, or, where it is removed, the member as a whole.
   */
  private subOf(path: PatchPath, op: PatchOperation['op'], value: unknown): 'value' | null {
    const name = path.subAttribute ?? path.path.subAttribute;
    if (name === null) return null;
    const sub = attributeNamed(MEMBERS.subAttributes, name);
    if (sub === null) throw invalidPath(`members has no sub-attribute ${quoted(name)}.`);
    const clears = op === 'remove' || (op === 'replace' && isUnassigned(value));
    if (path.filter === null || sub.name !== 'value' || (clears && this.strict)) throw immutable(sub.name);
    return 'value';
  }

  private applyToSelected(op: PatchOperation['op'], filter: Filter, sub: 'value' | null, value: unknown): void {
    if (op === 'add' && isUnassigned(value)) return;
    const removes = op === 'remove' || isUnassigned(value);
    // Who is not there need not be looked up, unless the connection wants to be told.
    const named = idsNamed(filter);
    if (removes && named !== null && !this.strict) {
      this.touched = true;
      return this.remove(named);
    }
    const wanted = removes ? [] : sub === null ? memberIds(value, pinnedId(filter)) : [idOf(value)];
    // A filter that says who it is about, on a tolerant connection: whoever is missing is added, as with other attributes.
    const made = !this.strict && wanted.length === 1 && wanted[0] === pinnedId(filter);
    this.flush();
    this.done.push({
      kind: 'select',
      filter,
      candidates: candidatesOf(filter),
      wanted,
      keeps: !removes && (op === 'add' || sub !== null),
      needsMatch: removes ? this.strict : !made,
    });
  }

  private flush(): void {
    if (!this.touched) return;
    const add: string[] = this.only ?? [];
    const remove: string[] = [];
    for (const [id, stays] of this.entries) (stays ? add : remove).push(id);
    this.done.push(this.base === 'replace' ? { kind: 'replace', members: add } : { kind: 'patch', add, remove, removeAll: this.base === 'clear' });
    this.touched = false;
    this.reset('keep');
  }

  private reset(base: 'keep' | 'clear' | 'replace'): void {
    this.base = base;
    this.only = null;
    this.entries.clear();
  }

  private add(ids: string[]): void {
    if (this.only === null && this.entries.size === 0) {
      this.only = ids;
      return;
    }
    this.distinguish();
    for (const id of ids) this.entries.set(id, true);
  }

  private distinguish(): void {
    for (const id of this.only ?? []) this.entries.set(id, true);
    this.only = null;
  }

  private remove(ids: string[]): void {
    this.distinguish();
    for (const id of ids) {
      // With nobody left to start from, not being added is all that removing means.
      if (this.base === 'keep') this.entries.set(id, false);
      else this.entries.delete(id);
    }
  }
}

/** RFC 7644 section 3.5.2: whoever wants another member adds it. */
export const immutable = (sub: string): ScimError =>
  new ScimError(400, `members.${sub} cannot be changed; remove the member and add another.`, 'mutability', { attribute: 'members' });
