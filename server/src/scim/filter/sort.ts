import type { Resource } from '../../domain/resource/resource';
import type { Sort } from '../../ports/scim-service';
import type { TypeRef } from '../schema/resource-types';
import { attributeOf, subAttributeOf } from './attributes';
import { comparable, compareCodePoints, indexedText } from './compare';
import { sortElements } from './indexed-values';

/**
 * What a resource sorts by: of a multi-valued attribute the primary element, else the first (RFC 7644 section 3.4.2.3).
 * The first 255 characters decide, numbers and times by their value. Null: it has none.
 */
export function sortKeyOf(resource: Resource, sort: Sort, type: TypeRef): string | null {
  const { elements, definition } = attributeOf(sort.path, resource, type);
  const { value, definition: compared } = subAttributeOf(sortElements(elements)[0], definition, sort.path.subAttribute ?? 'value');
  const key = value === undefined ? null : comparable(value, compared);
  return key === null ? null : indexedText(key);
}

/** Missing values come last in ascending and first in descending order (RFC 7644 section 3.4.2.3). */
export function compareSortKeys(left: string | null, right: string | null, descending: boolean): number {
  const difference = left === null || right === null ? Number(left === null) - Number(right === null) : compareCodePoints(left, right);
  return descending ? -difference : difference;
}
