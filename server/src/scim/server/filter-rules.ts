import type { AttributePath, Filter } from '../filter/ast';
import { formatAttributePath } from '../filter/path';
import { quoted, ScimError } from '../messages/error';
import type { AttributeDefinition } from '../schema/definition';
import { checkComparison } from '../schema/comparison';
import { attributeNamed, resolvePath } from '../schema/lookup';
import { typeDefinition, type TypeRef } from '../schema/resource-types';

/**
 * RFC 7644 section 3.12, table 9 `sensitive`: what must not be asked for, least of all in a URL. 403 and not 400,
 * because no other spelling of the request would be answered.
 */
export const sensitive = (attribute: string): ScimError =>
  new ScimError(403, `${attribute} is never told: it can neither be filtered nor sorted by.`, 'sensitive', { attribute });

/** 400 `invalidFilter` for an attribute that objects cannot be found by. */
export const unsearchable = (path: string): ScimError =>
  new ScimError(400, `The filter names ${quoted(path)}, which users cannot be found by. Compare a version with If-Match or If-None-Match.`, 'invalidFilter');

/** `meta.version` of a user also tells of the groups the connection sees: it is made when the user is read, and found by no index. */
export const isMadeOnReading = (type: TypeRef, attribute: AttributeDefinition | null, sub: AttributeDefinition | null): boolean =>
  typeDefinition(type).name === 'User' && attribute?.name === 'meta' && sub?.name === 'version';

/**
 * What the grammar cannot know of a filter: no secrets are compared, values fit their attributes, and the version of a user
 * is not searched. Strict: every attribute is declared (interoperability profile, "Filtering"), and nothing follows `[ ]`,
 * which RFC 7644 figure 1 has no place for; otherwise an unknown attribute matches what the resource happens to hold.
 */
export function checkFilter(filter: Filter, types: readonly TypeRef[], strict: boolean): void {
  switch (filter.kind) {
    case 'and':
    case 'or':
      checkFilter(filter.left, types, strict);
      checkFilter(filter.right, types, strict);
      return;
    case 'not':
      return checkFilter(filter.filter, types, strict);
    case 'present':
      return void declared(filter.path, types, strict);
    case 'compare':
      return checkComparison(declared(filter.path, types, strict), filter, formatAttributePath(filter.path), strict);
    case 'valuePath': {
      const attribute = declared(filter.path, types, strict);
      const parent = { path: filter.path, attribute, types, strict };
      checkElement(filter.filter, parent);
      if (filter.comparison !== null) {
        if (strict) throw afterBrackets(filter.path);
        const { subAttribute } = filter.comparison;
        const sub = subOf(subAttribute, parent);
        if (filter.comparison.operator !== 'pr') checkComparison(sub, filter.comparison, formatAttributePath({ ...filter.path, subAttribute }), strict);
      }
    }
  }
}

/** What a value path filters. */
interface Parent {
  path: AttributePath;
  attribute: AttributeDefinition | null;
  types: readonly TypeRef[];
  strict: boolean;
}

function checkElement(filter: Filter, parent: Parent): void {
  if (filter.kind === 'and' || filter.kind === 'or') {
    checkElement(filter.left, parent);
    checkElement(filter.right, parent);
  } else if (filter.kind === 'not') {
    checkElement(filter.filter, parent);
  } else {
    const sub = subOf(filter.path.attribute, parent);
    if (filter.kind === 'compare') checkComparison(sub, filter, formatAttributePath({ ...parent.path, subAttribute: filter.path.attribute }), parent.strict);
  }
}

function declared(path: AttributePath, types: readonly TypeRef[], strict: boolean): AttributeDefinition | null {
  for (const type of types) {
    const resolved = resolvePath(path, type);
    if (resolved?.attribute?.returned === 'never') throw sensitive(resolved.attribute.name);
    if (resolved === null) continue;
    if (isMadeOnReading(type, resolved.attribute, resolved.subAttribute)) throw unsearchable(formatAttributePath(path));
    return resolved.subAttribute ?? resolved.attribute;
  }
  if (strict) throw unknown(path);
  return null;
}

function subOf(name: string, { path, attribute, types, strict }: Parent): AttributeDefinition | null {
  const sub = attributeNamed(attribute?.subAttributes, name);
  if (types.some((type) => isMadeOnReading(type, attribute, sub))) throw unsearchable(formatAttributePath({ ...path, subAttribute: name }));
  if (sub === null && strict) throw unknown({ ...path, subAttribute: name });
  return sub;
}

const unknown = (path: AttributePath): ScimError =>
  new ScimError(400, `The filter names ${quoted(formatAttributePath(path))}, which no schema here has.`, 'invalidFilter');

const afterBrackets = ({ attribute }: AttributePath): ScimError =>
  new ScimError(400, `The filter goes on behind ${attribute}[ ]. Put the comparison inside, joined with and.`, 'invalidFilter');
