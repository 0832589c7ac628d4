import type { Resource } from '../../domain/resource/resource';
import { patchPathIn } from '../filter/parser';
import { isObject, isUnsafeName, type PlainObject } from '../schema/json';
import type { Acceptance } from '../schema/acceptance';
import { isCoreUrn } from '../schema/lookup';
import type { TypeRef } from '../schema/resource-types';
import { applyPatch } from './apply';
import { MemberLedger, type MemberChange } from './member-ledger';
import type { PatchOperation, PatchPath } from './operation';
import { WorkBudget } from './work-budget';

export type { MemberChange } from './member-ledger';

export interface GroupChanges {
  /** The group's own attributes after the operations; without `members`. */
  resource: Resource;
  /** One after the other; none: the membership stays as it is. */
  members: MemberChange[];
}

/**
 * Splits the operations of a group PATCH (RFC 7644 section 3.5.2) into attributes and membership. Which members the
 * group has is not needed for it: what has to happen to whom follows from the operations, or is left as a selection.
 */
export function groupChanges(operations: readonly PatchOperation[], group: Resource, type: TypeRef = 'Group', acceptance?: Acceptance, work = new WorkBudget()): GroupChanges {
  const ledger = new MemberLedger(acceptance?.strict === true);
  const own: PatchOperation[] = [];
  for (const operation of operations) {
    if (operation.path === null) own.push(...withoutMembers(operation, ledger, work));
    else if (isMembers(operation.path)) ledger.apply(operation.op, operation.path, operation.value);
    else own.push(operation);
  }
  const { members: _members, ...attributes } = group;
  return { resource: applyPatch({ ...attributes, schemas: group.schemas }, own, type, acceptance, work), members: ledger.changes() };
}

/** Takes `members` out of a value without a path, however it is spelt. */
function withoutMembers(operation: PatchOperation, ledger: MemberLedger, work: WorkBudget): PatchOperation[] {
  if (!isObject(operation.value) || operation.op === 'remove') return [operation];
  const rest: PlainObject = {};
  const take = (from: PlainObject): void => {
    for (const [name, value] of Object.entries(from)) {
      if (isUnsafeName(name)) continue;
      work.read(name);
      const path = patchPathIn(name);
      if (isObject(value) && isCoreUrn('Group', name)) take(value);
      else if (path !== null && isMembers(path)) ledger.apply(operation.op, path, value);
      else rest[name] = value;
    }
  };
  take(operation.value);
  return Object.keys(rest).length === 0 ? [] : [{ ...operation, value: rest }];
}

function isMembers({ path }: PatchPath): boolean {
  return path.attribute.toLowerCase() === 'members' && (path.schema === null || isCoreUrn('Group', path.schema));
}
