import type { Filter } from '../filter/ast';
import { invalidValue, quoted, ScimError } from '../messages/error';
import { isObject, isUnassigned, sanitised } from '../schema/json';
import { attributeNamed } from '../schema/lookup';
import { normaliseList, spread } from '../schema/values';
import { checkNames } from './change-elements';
import { elementsOf } from './elements';
import { candidatesOf, idsNamed, MEMBERS, pinnedId, type MemberSelection } from './member-selection';
import type { PatchOperation, PatchPath } from './operation';
import { invalidPath } from './target';

/** A member as a client names it (RFC 7643 section 4.2); `value` is the id of a user or group. */
export interface MemberRef {
  value: string;
  type?: string;
  display?: string;
  $ref?: string;
}

export type MemberChange =
  /** First everybody goes if `removeAll`, then `remove`, then `add`; nobody is in both lists. */
  | { kind: 'patch'; add: MemberRef[]; remove: string[]; removeAll: boolean }
  /** Exactly these are the members afterwards. */
  | { kind: 'replace'; members: MemberRef[] }
  /** Whom a filter selects, which only the group knows. */
  | MemberSelection;

/**
 * The membership changes of one request, in order. Between two selections the last operation on a member counts, O(1) each.
 */
export class MemberLedger {
  private base: 'keep' | 'clear' | 'replace' = 'keep';
  /** Null: the member is to go. */
  private readonly entries = new Map<string, MemberRef | null>();
  private touched = false;
  private readonly done: MemberChange[] = [];

  constructor(private readonly strict: boolean) {}

  apply(op: PatchOperation['op'], path: PatchPath, sent: unknown): void {
    const value = sanitised(sent, 'members');
    if (path.filter !== null) checkNames(path.filter, MEMBERS, this.strict);
    const sub = this.subOf(path, op, value);
    if (path.filter !== null) return this.applyToSelected(op, path.filter, sub, value);
    this.touched = true;
    if (op === 'add') return this.add(memberRefs(value));
    if (op === 'replace') {
      const members = memberRefs(value);
      this.reset('replace');
      return this.add(members);
    }
    // Removing with a list removes only those (Entra ID without its flag); without one, everybody.
    if (value === undefined || value === null) this.reset(this.base === 'replace' ? 'replace' : 'clear');
    else this.remove(elementsOf(value).map((item) => idOf(item)));
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
    const named = idsNamed(filter);
    if (removes && named !== null) {
      this.touched = true;
      return this.remove(named);
    }
    const wanted = removes ? [] : sub === null ? elementsOf(value).map((item) => idOf(item, pinnedId(filter))) : [idOf(value)];
    // A filter that says who it is about, on a tolerant connection: whoever is missing is added, as with other attributes.
    const made = !this.strict && wanted.length === 1 && wanted[0] === pinnedId(filter);
    this.flush();
    this.done.push({
      kind: 'select',
      filter,
      candidates: candidatesOf(filter),
      wanted,
      keeps: !removes && (op === 'add' || sub !== null),
      needsMatch: !removes && !made,
    });
  }

  private flush(): void {
    if (!this.touched) return;
    const add: MemberRef[] = [];
    const remove: string[] = [];
    for (const [id, ref] of this.entries) {
      if (ref === null) remove.push(id);
      else add.push(ref);
    }
    this.done.push(this.base === 'replace' ? { kind: 'replace', members: add } : { kind: 'patch', add, remove, removeAll: this.base === 'clear' });
    this.touched = false;
    this.reset('keep');
  }

  private reset(base: 'keep' | 'clear' | 'replace'): void {
    this.base = base;
    this.entries.clear();
  }

  private add(members: MemberRef[]): void {
    for (const member of members) this.entries.set(member.value, member);
  }

  private remove(ids: string[]): void {
    for (const id of ids) {
      // With nobody left to start from, not being added is all that removing means.
      if (this.base === 'keep') this.entries.set(id, null);
      else this.entries.delete(id);
    }
  }
}

/** RFC 7644 section 3.5.2: whoever wants another member adds it. */
export const immutable = (sub: string): ScimError =>
  new ScimError(400, `members.${sub} cannot be changed; remove the member and add another.`, 'mutability', { attribute: 'members' });

function memberRefs(value: unknown): MemberRef[] {
  if (isUnassigned(value)) return [];
  return normaliseList(MEMBERS, elementsOf(value)).map((item) => {
    if (!isObject(item) || typeof item.value !== 'string') throw noId();
    return { ...item, value: item.value };
  });
}

/** `known`: the id where the member itself does not say it. */
function idOf(item: unknown, known: string | null = null): string {
  const member = spread(MEMBERS, item);
  const id = isObject(member) ? (member.value ?? known) : null;
  if (typeof id === 'string' && id !== '') return id;
  throw noId();
}

const noId = (): ScimError => invalidValue('members', 'each member needs a value, the id of a user or group.');
