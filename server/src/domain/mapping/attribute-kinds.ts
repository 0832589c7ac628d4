import { splitAttributePath } from '../../scim/filter/path';
import type { AttributeDefinition } from '../../scim/schema/definition';
import { resolvePath } from '../../scim/schema/lookup';
import { mappingPath } from './path';

/** What an attribute holds, as far as a schema says; null: anything. */
export type AttributeKind = 'text' | 'true or false' | 'a number' | 'an object' | 'a list' | null;

function kindOf(definition: AttributeDefinition): AttributeKind {
  switch (definition.type) {
    case 'boolean':
      return 'true or false';
    case 'decimal':
    case 'integer':
      return 'a number';
    case 'complex':
      return 'an object';
    case 'any':
      return null;
    default:
      return 'text';
  }
}

/** Kinds of declared attributes by path; paths are those of rules, so there are few. */
const KINDS = new Map<string, AttributeKind>();
const MAX_KEPT = 1_000;

/** What may be written at a path. */
export function kindAt(path: string): AttributeKind {
  const known = KINDS.get(path);
  if (known !== undefined) return known;
  const kind = findKind(path);
  if (KINDS.size >= MAX_KEPT) KINDS.clear();
  KINDS.set(path, kind);
  return kind;
}

function findKind(path: string): AttributeKind {
  const { element } = mappingPath(path);
  if (element !== null && element.sub === null) return 'an object';
  const attribute = element === null ? path : `${path.slice(0, path.indexOf('['))}.${element.sub}`;
  const split = splitAttributePath(attribute);
  const resolved = split === null ? null : resolvePath(split, 'User');
  const definition = resolved?.subAttribute ?? resolved?.attribute ?? null;
  if (definition === null) return null;
  return definition.multiValued && resolved?.subAttribute === null ? 'a list' : kindOf(definition);
}

function kindOfValue(value: unknown): Exclude<AttributeKind, null> {
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'number':
      return 'a number';
    default:
      return 'an object';
  }
}

/** Numbers and truth values are as good as text where text is wanted. */
export const fitted = (path: string, value: unknown): unknown =>
  (typeof value === 'number' || typeof value === 'boolean') && kindAt(path) === 'text' ? String(value) : value;

/** Why a value cannot be written at a path, in a sentence; null where it can. */
export function kindMismatch(path: string, value: unknown): string | null {
  const [wanted, found] = [kindAt(path), kindOfValue(value)];
  return wanted === null || wanted === found ? null : `${path} takes ${wanted}, and this is ${found}.`;
}
