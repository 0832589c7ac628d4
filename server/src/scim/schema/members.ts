import { invalidValue } from '../messages/error';
import { complex } from './definition';
import { checkText, isObject, isUnassigned } from './json';
import { attributeNamed, coreAttribute } from './lookup';

export const MEMBERS = coreAttribute('Group', 'members') ?? complex('members', '', []);

/**
 * The ids in a list of members, in one pass and without a copy: it may be as long as the body. What describes a member
 * (`type`, `display`, `$ref`) has to be text and says nothing else, because it follows from the member itself.
 * `known`: the id where a member does not say it.
 */
export function memberIds(sent: unknown, known: string | null = null): string[] {
  if (isUnassigned(sent)) return [];
  const ids: string[] = [];
  for (const item of Array.isArray(sent) ? sent : [sent]) {
    if (!isUnassigned(item)) ids.push(idOf(item, known));
  }
  return ids;
}

export function idOf(item: unknown, known: string | null = null): string {
  let id = typeof item === 'string' ? item : known;
  if (isObject(item)) {
    for (const name in item) {
      const sub = attributeNamed(MEMBERS.subAttributes, name);
      const value = sub === null ? undefined : item[name];
      if (sub === null || isUnassigned(value)) continue;
      if (typeof value !== 'string') throw invalidValue(`members.${sub.name}`, 'must be a string.');
      if (sub.name === 'value') id = value;
    }
  } else if (typeof item !== 'string') {
    id = null;
  }
  if (id === null || id === '') throw invalidValue('members', 'each member needs a value, the id of a user or group.');
  checkText(id, 'members');
  return id;
}
