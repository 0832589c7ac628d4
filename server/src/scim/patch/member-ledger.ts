import type { Filter } from '../filter/ast';
import { invalidValue, ScimError } from '../messages/error';
import { isObject, isUnassigned, sanitised } from '../schema/json';
import { coreAttribute } from '../schema/lookup';
import { normaliseList, spread } from '../schema/values';
import { elementsOf } from './elements';
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
  | { kind: 'replace'; members: MemberRef[] };

/** The membership changes of one request, in order: per member the last one counts, O(1) each. */
export class MemberLedger {
  private base: 'keep' | 'clear' | 'replace' = 'keep';
  /** Null: the member is to go. */
  private readonly entries = new Map<string, MemberRef | null>();
  private touched = false;

  apply(op: PatchOperation['op'], path: PatchPath, sent: unknown): void {
    const sub = path.subAttribute ?? path.path.subAttribute;
    const value = sanitised(sent, 'members');
    if (path.filter !== null) return this.applyToSelected(op, idsIn(path.filter), sub, value);
    if (sub !== null) throw invalidPath(`members.${sub} needs a filter that says which member.`);
    this.touched = true;
    if (op === 'add') return this.add(memberRefs(value));
    if (op === 'replace') {
      const members = memberRefs(value);
      this.reset('replace');
      return this.add(members);
    }
    // Removing with a list removes only those (Entra ID without its flag); without one, everybody.
    if (value === undefined || value === null) this.reset(this.base === 'replace' ? 'replace' : 'clear');
    else this.remove(elementsOf(value).map(idOf));
  }

  change(): MemberChange | null {
    if (!this.touched) return null;
    const add: MemberRef[] = [];
    const remove: string[] = [];
    for (const [id, ref] of this.entries) {
      if (ref === null) remove.push(id);
      else add.push(ref);
    }
    if (this.base === 'replace') return { kind: 'replace', members: add };
    return { kind: 'patch', add, remove, removeAll: this.base === 'clear' };
  }

  private applyToSelected(op: PatchOperation['op'], ids: string[], sub: string | null, value: unknown): void {
    this.touched = true;
    if (op === 'remove') {
      if (sub === null || sub.toLowerCase() === 'value') this.remove(ids);
      return;
    }
    // display, type and $ref of a member are derived from the member itself.
    if (sub !== null && sub.toLowerCase() !== 'value') return;
    if (sub !== null && ids.some((id) => id !== value)) {
      throw new ScimError(400, 'members.value cannot be changed; remove the member and add another.', 'mutability', { attribute: 'members' });
    }
    if (op === 'replace') this.remove(ids);
    this.add(sub === null && !isUnassigned(value) ? memberRefs(value) : op === 'add' || sub !== null ? ids.map((id) => ({ value: id })) : []);
  }

  private reset(base: 'clear' | 'replace'): void {
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

function memberRefs(value: unknown): MemberRef[] {
  const definition = coreAttribute('Group', 'members');
  if (definition === null || isUnassigned(value)) return [];
  return normaliseList(definition, elementsOf(value)).map((item) => {
    if (!isObject(item) || typeof item.value !== 'string') throw invalidValue('members', 'each member needs a value, the id of a user or group.');
    return { ...item, value: item.value };
  });
}

function idOf(item: unknown): string {
  const definition = coreAttribute('Group', 'members');
  const member = definition === null ? item : spread(definition, item);
  if (isObject(member) && typeof member.value === 'string' && member.value !== '') return member.value;
  throw invalidValue('members', 'each member needs a value, the id of a user or group.');
}

/** Ids a filter selects: `value eq "a"`, several of them joined with `or`. Anything else would need the member list. */
function idsIn(filter: Filter): string[] {
  if (filter.kind === 'or') return [...idsIn(filter.left), ...idsIn(filter.right)];
  if (filter.kind === 'compare' && filter.operator === 'eq' && typeof filter.value === 'string' && filter.path.attribute.toLowerCase() === 'value') {
    return [filter.value];
  }
  throw invalidPath('Members are selected by members[value eq "id"], several of them joined with or.');
}
