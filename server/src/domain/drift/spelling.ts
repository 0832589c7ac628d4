import { splitAttributePath } from '../../scim/filter/path';
import { resolvePath } from '../../scim/schema/lookup';
import type { AttributeDefinition } from '../../scim/schema/definition';
import { canonicalJson } from '../diff/canonical';
import type { Resource } from '../resource/resource';

type Members = Record<string, unknown>;

const isObject = (value: unknown): value is Members => value !== null && typeof value === 'object' && !Array.isArray(value);

function definitionAt(path: string): AttributeDefinition | null {
  const split = splitAttributePath(path);
  const resolved = split === null ? null : resolvePath(split, 'User');
  return resolved?.subAttribute ?? resolved?.attribute ?? null;
}

/** Whether an application shows the attribute at all (RFC 7643 section 2.2, "returned"). */
export const isReturned = (path: string): boolean => definitionAt(path)?.returned !== 'never';

/**
 * What an application holds, in the spelling of what was written wherever the two say the same: letter case where the schema
 * does not care (RFC 7643 section 2.2), numbers and truth values as text, and what applications add by themselves to an object or an
 * element of a list. Attributes that were not written stay as they are.
 */
export function asWritten(written: Resource, held: Resource): Resource {
  const spelt: Resource = { ...held };
  for (const [name, value] of Object.entries(written)) {
    if (name === 'schemas' || !Object.hasOwn(held, name)) continue;
    spelt[name] = spell(name.includes(':') ? `${name}:` : name, value, held[name]);
  }
  return spelt;
}

/** A path that ends with a colon is a schema: what follows is an attribute of it. */
const under = (path: string, name: string): string => (path.endsWith(':') ? `${path}${name}` : `${path}.${name}`);

function spell(path: string, written: unknown, held: unknown): unknown {
  if (Array.isArray(written)) return Array.isArray(held) ? spellList(path, written, held) : held;
  if (isObject(written)) return isObject(held) ? spellObject(path, written, held) : held;
  return isSame(path, written, held) ? written : held;
}

/** Of what the application added, nothing is compared. */
function spellObject(path: string, written: Members, held: Members): Members {
  return Object.fromEntries(
    Object.entries(written).flatMap(([name, value]): [string, unknown][] => (Object.hasOwn(held, name) ? [[name, spell(under(path, name), value, held[name])]] : []))
  );
}

/** Each element goes with the first one there that says the same; the others were changed, or added. */
function spellList(path: string, written: unknown[], held: unknown[]): unknown[] {
  const rest = [...held];
  const matched = written.flatMap((element) => {
    const index = rest.findIndex((other) => canonicalJson(spell(path, element, other)) === canonicalJson(element));
    if (index < 0) return [];
    rest.splice(index, 1);
    return [element];
  });
  return [...matched, ...rest];
}

function isSame(path: string, written: unknown, held: unknown): boolean {
  if (written === held) return true;
  if (isObject(held) || Array.isArray(held) || held === null || held === undefined || written === null || written === undefined) return false;
  const [left, right] = [String(written), String(held)];
  const definition = definitionAt(path);
  return left === right || (definition !== null && !definition.caseExact && definition.type !== 'binary' && left.toLowerCase() === right.toLowerCase());
}
