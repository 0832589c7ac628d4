import { MAX_BULK_OPERATIONS } from '../../../scim/server/bulk-request';
import { isObject, keyAnyCase } from '../../../scim/schema/json';

/** How many operations a request would carry out: one, unless it is a bulk request that is not too large anyway. */
export function bulkSize(method: string, path: string, body: unknown): number {
  if (method !== 'POST' || !isBulk(path) || !isObject(body)) return 1;
  const operations = body[keyAnyCase(body, 'Operations') ?? ''];
  return Array.isArray(operations) && operations.length <= MAX_BULK_OPERATIONS ? operations.length : 1;
}

/** As the SCIM server reads addresses: slashes more or less say nothing, and letters may be encoded. */
function isBulk(path: string): boolean {
  try {
    return decodeURIComponent(path).replaceAll('/', '') === 'Bulk';
  } catch {
    return false;
  }
}
