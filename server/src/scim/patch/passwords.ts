import type { ObjectType } from '../../contracts/operation';
import { splitAttributePath } from '../filter/path';
import type { AttributePath } from '../filter/ast';
import { isObject, type PlainObject } from '../schema/json';
import { isCoreUrn, resolvePath } from '../schema/lookup';
import type { PatchOperation } from './operation';

export interface WithoutPasswords {
  operations: PatchOperation[];
  /** Names of what was taken out, to be logged as dropped. */
  dropped: string[];
}

/** Takes out of a PATCH what is never accepted (`password`), so that the value does not travel any further. */
export function withoutPasswords(operations: readonly PatchOperation[], type: ObjectType): WithoutPasswords {
  const dropped = new Set<string>();
  const isSecret = (path: AttributePath | null): boolean => {
    const attribute = path === null ? null : resolvePath(path, type)?.attribute;
    if (attribute?.returned !== 'never') return false;
    dropped.add(attribute.name);
    return true;
  };
  const clean = (value: PlainObject): PlainObject =>
    // fromEntries defines members, it does not assign them: an own `__proto__` stays data until it is dropped.
    Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => !isSecret(splitAttributePath(name)))
        .map(([name, member]) => [name, isObject(member) && isCoreUrn(type, name) ? clean(member) : member])
    );
  const kept = operations
    .filter(({ path }) => path === null || !isSecret(path.path))
    .map((operation) => (operation.path === null && isObject(operation.value) ? { ...operation, value: clean(operation.value) } : operation));
  return { operations: kept, dropped: [...dropped] };
}
