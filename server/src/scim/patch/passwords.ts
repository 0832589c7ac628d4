import { patchPathIn } from '../filter/parser';
import { formatAttributePath } from '../filter/path';
import type { AttributePath } from '../filter/ast';
import { isObject, isSecretName, type PlainObject } from '../schema/json';
import { isCoreUrn, resolvePath } from '../schema/lookup';
import type { PatchOperation, PatchPath } from './operation';
import type { TypeRef } from '../schema/resource-types';

export interface WithoutPasswords {
  operations: PatchOperation[];
  /** Names of what was taken out, to be logged as dropped. */
  dropped: string[];
  /** What the PATCH leaves in place of the password; null: it is removed; undefined: the PATCH does not speak of it. */
  password: unknown;
}

/**
 * Takes out of a PATCH what never comes back, so that the value does not travel any further: the password, unless it may
 * stay, and what is called so where no schema has one.
 */
export function withoutPasswords(operations: readonly PatchOperation[], type: TypeRef, mayStay = false): WithoutPasswords {
  const dropped = new Set<string>();
  let password: unknown;
  const take = (path: AttributePath, value: unknown): boolean => {
    const declared = resolvePath(path, type)?.attribute ?? null;
    const isOwn = declared?.returned === 'never';
    const secret = declared === null ? [path.attribute, path.subAttribute ?? ''].some(isSecretName) : isOwn && !mayStay;
    if (secret) dropped.add((declared?.name ?? formatAttributePath(path)).slice(0, 100));
    if (secret && isOwn) password = value ?? null;
    return secret;
  };
  const takeAt = (path: PatchPath | null, value: unknown): boolean => path !== null && take(withSub(path), value);
  const takeUndeclared = (name: string): boolean => {
    if (isSecretName(name)) dropped.add(name.slice(0, 100));
    return isSecretName(name);
  };
  /** `core`: the members are attributes of the resource itself, so that its own password may be among them. */
  const clean = (value: PlainObject, core: boolean): PlainObject =>
    // fromEntries defines members, it does not assign them: an own `__proto__` stays data until it is dropped.
    Object.fromEntries(
      Object.entries(value)
        .filter(([name, member]) => (core ? !takeAt(patchPathIn(name), member) : !takeUndeclared(name)))
        .map(([name, member]) => [name, isObject(member) && name.includes(':') ? clean(member, isCoreUrn(type, name)) : member])
    );
  const kept = operations
    .filter(({ op, path, value }) => !takeAt(path, op === 'remove' ? null : value))
    .map((operation) => (isObject(operation.value) ? { ...operation, value: clean(operation.value, operation.path === null) } : operation));
  return { operations: kept, dropped: [...dropped], password };
}

const withSub = ({ path, subAttribute }: PatchPath): AttributePath => (subAttribute === null ? path : { ...path, subAttribute });
