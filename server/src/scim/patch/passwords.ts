import { patchPathIn } from '../filter/parser';
import { formatAttributePath } from '../filter/path';
import type { AttributePath } from '../filter/ast';
import { isObject, type PlainObject } from '../schema/json';
import { isCoreUrn, resolvePath } from '../schema/lookup';
import { MEMBERS } from '../schema/members';
import type { PatchOperation, PatchPath } from './operation';
import { isSecretName, tellDropped, withoutSecrets } from '../schema/secrets';
import type { TypeRef } from '../schema/resource-types';
import { invalidPath } from './target';

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
  const drop = (name: string): void => {
    tellDropped(dropped, name);
  };
  let password: unknown;
  const take = (path: AttributePath, value: unknown): boolean => {
    const declared = resolvePath(path, type)?.attribute ?? null;
    const isOwn = declared?.returned === 'never';
    const secret = declared === null ? [path.attribute, path.subAttribute ?? ''].some(isSecretName) : isOwn && !mayStay;
    if (secret) drop(declared?.name ?? formatAttributePath(path));
    if (secret && isOwn) password = value ?? null;
    return secret;
  };
  const takeAt = (path: PatchPath | null, value: unknown): boolean => {
    if (path === null) return false;
    // Whoever selects among passwords means something else than to set the one there is.
    if (mayStay && path.filter !== null && resolvePath(path.path, type)?.attribute?.returned === 'never') {
      throw invalidPath('password has one value; a [filter] cannot follow it.');
    }
    return take(withSub(path), value);
  };
  /** Of a member, however many there are, only the id is ever looked at. */
  const inside = (name: string, path: PatchPath | null, value: unknown): unknown =>
    path !== null && resolvePath(path.path, type)?.attribute === MEMBERS ? value : withoutSecrets(value, name, drop);
  /** The members are attributes of the resource itself, so that its own password may be among them. */
  const clean = (value: PlainObject): PlainObject => {
    const kept: [string, unknown][] = [];
    for (const [name, member] of Object.entries(value)) {
      const path = patchPathIn(name);
      if (isObject(member) && isCoreUrn(type, name)) kept.push([name, clean(member)]);
      else if (!takeAt(path, member)) kept.push([name, inside(name, path, member)]);
    }
    return Object.fromEntries(kept);
  };
  const cleanAt = (path: PatchPath | null, value: unknown): unknown => {
    const name = path === null ? null : formatAttributePath(path.path);
    if (name !== null && !isCoreUrn(type, name)) return inside(name, path, value);
    return isObject(value) ? clean(value) : value;
  };
  const kept = operations
    .filter(({ op, path, value }) => !takeAt(path, op === 'remove' ? null : value))
    .map((operation) => ({ ...operation, value: cleanAt(operation.path, operation.value) }));
  return { operations: kept, dropped: [...dropped], password };
}

const withSub = ({ path, subAttribute }: PatchPath): AttributePath => (subAttribute === null ? path : { ...path, subAttribute });
