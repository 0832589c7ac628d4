/**
 * PATCH on a user as RFC 7644 section 3.5.2 and docs/scim.md tell it, written a second time: naive, over plain JSON, with
 * nothing taken from the engine it judges. It knows only the attributes the generated requests are about.
 */
import { ENTERPRISE_USER_URN as ENTERPRISE, USER_URN } from '../../../server/src/scim/schema/urns';

type Json = Record<string, unknown>;
export type Clause = { sub: string; operator: 'eq' | 'ne' | 'co' | 'sw' | 'pr'; value: string | boolean | null };
export type Selector = Clause | { all: Selector[] } | { any: Selector[] } | { none: Selector };

export interface Step {
  op: 'add' | 'replace' | 'remove';
  /** `[attribute]`, `[attribute, sub]`; null: no path. */
  path: [string, string?] | null;
  extension: boolean;
  selector: Selector | null;
  value: unknown;
}

export class Refused extends Error {
  constructor(readonly scimType: string) {
    super(scimType);
  }
}

const STRINGS = ['userName', 'title', 'nickName'];
const NAME_PARTS = ['givenName', 'familyName'];
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const isNothing = (value: unknown): boolean => value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmpty = (value: Json): boolean => Object.keys(value).length === 0;
const low = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

export function oracle(before: Json, steps: readonly Step[]): Json {
  const user = copy(before);
  for (const step of steps) {
    if (step.path !== null) atPath(user, step, step.path);
    else for (const [name, value] of Object.entries(step.value as Json)) member(user, step.op, name, value);
  }
  if (typeof user.userName !== 'string' || user.userName.trim() === '') throw new Refused('invalidValue');
  user.schemas = ENTERPRISE in user ? [USER_URN, ENTERPRISE] : [USER_URN];
  return user;
}

/** A key of a value without a path. */
function member(user: Json, op: Step['op'], name: string, value: unknown): void {
  if (name === 'id' || name === 'groups' || name === 'meta') return;
  if (name === ENTERPRISE) return wholeExtension(user, op, value);
  const [attribute = '', sub] = name.split('.');
  atPath(user, { op, path: null, extension: false, selector: null, value }, sub === undefined ? [attribute] : [attribute, sub]);
}

function atPath(user: Json, step: Step, [attribute, sub]: [string, string?]): void {
  const { op, value } = step;
  if (step.extension) {
    if (attribute === '') return wholeExtension(user, op, value);
    const extension = isObject(user[ENTERPRISE]) ? user[ENTERPRISE] : {};
    if (attribute === 'department') text(extension, 'department', op, value);
    else if (attribute === 'nonsense') unknown(extension, op, sub, value);
    else manager(extension, op, sub, value);
    user[ENTERPRISE] = extension;
    if (isEmpty(extension)) delete user[ENTERPRISE];
    return;
  }
  if (attribute === 'id' || attribute === 'groups') {
    if (op !== 'remove' && JSON.stringify(value) === JSON.stringify(user[attribute])) return;
    throw new Refused('mutability');
  }
  if (attribute === 'title' && sub !== undefined) throw new Refused('invalidPath');
  if (STRINGS.includes(attribute)) text(user, attribute, op, value);
  else if (attribute === 'active') active(user, op, value);
  else if (attribute === 'name') name(user, op, sub, value);
  else if (attribute === 'emails') emails(user, step, sub);
  else if (attribute === 'nonsense') unknown(user, op, sub, value);
  else throw new Refused('invalidPath');
}

/** What no schema has: kept as it is sent, a list grows. */
function unknown(owner: Json, op: Step['op'], sub: string | undefined, value: unknown): void {
  const present = owner.nonsense;
  if (sub !== undefined) {
    if (!isNothing(present) && !isObject(present)) throw new Refused('invalidPath');
    const inner: Json = isObject(present) ? { nonsense: present[sub] } : {};
    unknown(inner, op, undefined, value);
    const next = { ...(isObject(present) ? present : {}), [sub]: inner.nonsense };
    if (next[sub] === undefined) delete next[sub];
    owner.nonsense = next;
    if (isEmpty(next)) delete owner.nonsense;
  } else if (op === 'remove' || (op === 'replace' && isNothing(value))) {
    delete owner.nonsense;
  } else if (!isNothing(value)) {
    const more = Array.isArray(value) ? value : [value];
    owner.nonsense = op === 'add' && Array.isArray(present) ? [...present, ...more.filter((item) => !present.includes(item))] : value;
  }
}

function text(owner: Json, attribute: string, op: Step['op'], value: unknown): void {
  if (op === 'add' && isNothing(value)) return;
  if (op === 'remove' || isNothing(value)) {
    if (attribute === 'userName') throw new Refused('mutability');
    delete owner[attribute];
  } else {
    owner[attribute] = string(value);
  }
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new Refused('invalidValue');
  return value;
}

function boolean(value: unknown): boolean {
  const words: Record<string, boolean> = { true: true, false: false };
  const known = typeof value === 'boolean' || typeof value === 'string' ? words[String(value).toLowerCase()] : undefined;
  if (known === undefined) throw new Refused('invalidValue');
  return known;
}

function active(user: Json, op: Step['op'], value: unknown): void {
  if (op !== 'remove' && !isNothing(value)) user.active = boolean(value);
}

function name(user: Json, op: Step['op'], sub: string | undefined, value: unknown): void {
  if (op === 'add' && isNothing(value)) return;
  const present = isObject(user.name) ? { ...user.name } : {};
  if (sub !== undefined) {
    if (op === 'remove' || isNothing(value)) delete present[sub];
    else present[sub] = sub === 'nick' ? value : string(value);
  } else if (op === 'remove' || isNothing(value)) {
    delete user.name;
    return;
  } else {
    if (!isObject(value)) throw new Refused('invalidValue');
    for (const part of NAME_PARTS) {
      if (!(part in value)) continue;
      if (isNothing(value[part])) delete present[part];
      else present[part] = string(value[part]);
    }
  }
  user.name = present;
  if (isEmpty(present)) delete user.name;
}

/** A reference: with another id, what described the old one goes. */
function manager(extension: Json, op: Step['op'], sub: string | undefined, value: unknown): void {
  if (op === 'add' && isNothing(value)) return;
  const present = isObject(extension.manager) ? extension.manager : {};
  if (sub === 'value') {
    const wanted = op === 'remove' || isNothing(value) ? undefined : string(value);
    const next: Json = present.value === wanted ? { ...present } : {};
    if (wanted !== undefined) next.value = wanted;
    extension.manager = next;
  } else if (op === 'remove' || isNothing(value)) {
    extension.manager = {};
  } else {
    const given = typeof value === 'string' ? { value } : value;
    if (!isObject(given)) throw new Refused('invalidValue');
    const next: Json = {};
    const id = given.value ?? given.managerId;
    if (!isNothing(id)) next.value = string(id);
    if (!isNothing(given.$ref)) next.$ref = string(given.$ref);
    extension.manager = next;
  }
  if (isEmpty(extension.manager as Json)) delete extension.manager;
}

function wholeExtension(user: Json, op: Step['op'], value: unknown): void {
  if (op === 'add' && isNothing(value)) return;
  if (op === 'remove' || isNothing(value)) {
    delete user[ENTERPRISE];
    return;
  }
  if (!isObject(value)) throw new Refused('invalidValue');
  for (const [attribute, item] of Object.entries(value)) atPath(user, { op, path: null, extension: true, selector: null, value: item }, [attribute]);
}

// E-mail addresses: a list of { value, type, display, primary }.

const LABELS = ['type', 'display', 'primary'];
const holds = (email: Json): boolean => Object.keys(email).some((key) => !LABELS.includes(key));
const sameEmail = (a: Json, b: Json): boolean => {
  if (a.value === undefined || b.value === undefined) return sorted(a) === sorted(b);
  return low(a.value) === low(b.value) && (low(a.type) ?? null) === (low(b.type) ?? null);
};
const sorted = (value: Json): string => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

function subValue(sub: string, value: unknown): unknown {
  if (sub === 'nick') return value;
  return sub === 'primary' ? boolean(value) : string(value);
}

/** An element as it is kept; null where nothing is assigned. */
function element(value: unknown): Json | null {
  if (isNothing(value)) return null;
  const given = typeof value === 'string' ? { value } : value;
  if (!isObject(given)) throw new Refused('invalidValue');
  const kept: Json = {};
  for (const [sub, item] of Object.entries(given)) if (!isNothing(item)) kept[sub] = subValue(sub, item);
  return isEmpty(kept) ? null : kept;
}

function elements(value: unknown): Json[] {
  const list = value === '' || value === null ? [] : Array.isArray(value) ? value : [value];
  const kept = list.map(element).filter((item) => item !== null);
  const first = kept.findIndex((item) => item.primary === true);
  return kept.map((item, index) => (item.primary === true && index !== first ? { ...item, primary: false } : item));
}

interface Entry {
  email: Json;
  /** Written by this operation: a newly primary one demotes the others. */
  written: boolean;
}

function emails(user: Json, { op, selector, value }: Step, sub: string | undefined): void {
  const present: Entry[] = ((user.emails ?? []) as Json[]).map((email) => ({ email, written: false }));
  const next = selector === null ? wholeList(op, present, sub, value) : selected(op, present, selector, sub, value);
  if (next === present) return;
  const primaries = next.filter(({ email }) => email.primary === true);
  const winner = primaries.find(({ written }) => written) ?? primaries[0];
  user.emails = next.map((entry) => (entry.email.primary === true && entry !== winner ? { ...entry.email, primary: false } : entry.email));
  if (next.length === 0) delete user.emails;
}

function wholeList(op: Step['op'], present: Entry[], sub: string | undefined, value: unknown): Entry[] {
  if (sub !== undefined) return subOfAll(op, present, sub, value);
  if (op === 'remove') {
    if (value === undefined || value === null) return [];
    const given = (Array.isArray(value) ? value : [value]).map((item: unknown) => (typeof item === 'string' ? { value: item } : item));
    return present.filter(({ email }) => !given.some((item) => isObject(item) && goesWith(email, item)));
  }
  const next = op === 'replace' ? [] : [...present];
  const given = elements(value);
  if (op === 'add' && given.length === 0) return present;
  for (const email of given) {
    const index = next.findIndex((entry) => sameEmail(entry.email, email));
    const old = next[index];
    if (old === undefined) next.push({ email, written: true });
    else if (sorted({ ...old.email, ...email }) !== sorted(old.email)) next[index] = { email: { ...old.email, ...email }, written: true };
  }
  return next;
}

/** Whether `remove` with a value means this one: by value, and by type where both have one; else by all it says. */
function goesWith(email: Json, given: Json): boolean {
  if (given.value === undefined) return Object.entries(given).every(([key, item]) => JSON.stringify(email[key]) === JSON.stringify(item));
  return low(email.value) === low(given.value) && (email.type === undefined || given.type === undefined || low(email.type) === low(given.type));
}

function withSub(email: Json, sub: string, value: unknown): Json {
  const { [sub]: _old, ...rest } = email;
  return value === undefined ? rest : { ...email, [sub]: value };
}

function subOfAll(op: Step['op'], present: Entry[], sub: string, value: unknown): Entry[] {
  const wanted = op === 'remove' || isNothing(value) ? undefined : subValue(sub, value);
  if (wanted === undefined && (op === 'add' || present.length === 0)) return present;
  if (present.length === 0) return [{ email: { [sub]: wanted }, written: true }];
  if (wanted !== undefined && present.length > 1 && (sub === 'value' || sub === 'primary')) throw new Refused('noTarget');
  return present.map(({ email }) => ({ email: withSub(email, sub, wanted), written: true })).filter(({ email }) => holds(email));
}

function selected(op: Step['op'], present: Entry[], selector: Selector, sub: string | undefined, value: unknown): Entry[] {
  const hit = present.map(({ email }) => selects(selector, email));
  const wanted = op === 'remove' || isNothing(value) ? undefined : sub === undefined ? (element(value) ?? undefined) : subValue(sub, value);
  if (wanted === undefined) {
    if (op === 'add' || !hit.includes(true)) return present;
    if (sub === undefined) return present.filter((_entry, index) => !hit[index]);
    return present
      .map((entry, index) => (hit[index] ? { email: withSub(entry.email, sub, undefined), written: true } : entry))
      .filter(({ email }, index) => !hit[index] || holds(email));
  }
  const said = saysOf(selector);
  const given: Json = sub === undefined ? (wanted as Json) : { [sub]: wanted };
  if (!hit.includes(true)) {
    if (said === null || Object.keys(given).some((key) => key in said && said[key] !== given[key])) throw new Refused('noTarget');
    return [...present, { email: { ...said, ...given }, written: true }];
  }
  return present.map((entry, index) => {
    if (!hit[index]) return entry;
    if (sub !== undefined) return { email: withSub(entry.email, sub, wanted), written: true };
    return { email: op === 'add' ? { ...entry.email, ...given } : { ...(said ?? {}), ...given }, written: true };
  });
}

function selects(selector: Selector, email: Json): boolean {
  if ('all' in selector) return selector.all.every((item) => selects(item, email));
  if ('any' in selector) return selector.any.some((item) => selects(item, email));
  if ('none' in selector) return !selects(selector.none, email);
  const { operator, value } = selector;
  const own = email[selector.sub];
  if (operator === 'pr') return !isNothing(own);
  const equal = own === undefined ? value === null : typeof own === 'boolean' ? String(own) === String(value).toLowerCase() : low(own) === low(value);
  if (operator === 'eq') return equal;
  if (operator === 'ne') return !equal;
  if (typeof own !== 'string' || typeof value !== 'string') return false;
  const [text, part] = [own.toLowerCase(), value.toLowerCase()];
  return operator === 'co' ? text.includes(part) : text.startsWith(part);
}

/** What every element the selector picks has; null where that cannot be told. */
function saysOf(selector: Selector): Json | null {
  if ('all' in selector) {
    const parts = selector.all.map(saysOf);
    return parts.includes(null) ? null : Object.assign({}, ...parts) as Json;
  }
  if ('any' in selector || 'none' in selector || selector.operator !== 'eq' || isNothing(selector.value)) return null;
  return { [selector.sub]: subValue(selector.sub, selector.value) };
}
