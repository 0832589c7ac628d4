import { formatAttributePath } from '../filter/path';
import { isObject } from '../schema/json';
import { notTaken } from '../schema/not-taken';
import type { TypeRef } from '../schema/resource-types';
import type { PatchOperation } from './operation';

/** Names of what the operations of a PATCH would set in the site's own extension and cannot. */
export function notTakenIn(operations: readonly PatchOperation[], type: TypeRef): string[] {
  return operations.flatMap(({ op, path, value }) => {
    if (op === 'remove') return [];
    if (path !== null) return notTaken(type, formatAttributePath({ ...path.path, subAttribute: path.subAttribute ?? path.path.subAttribute }), value);
    return isObject(value) ? Object.entries(value).flatMap(([name, member]) => notTaken(type, name, member)) : [];
  });
}
