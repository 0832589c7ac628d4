import { createHash } from 'node:crypto';
import type { ObjectType } from '../../contracts/operation';
import type { DirectoryEntry, DirectoryPage, ListQuery } from '../../ports/directory';
import type { Resource } from '../../domain/resource/resource';
import { isObject, ownValue, type PlainObject } from '../schema/json';
import { RESOURCE_TYPES } from '../schema/resource-types';
import { unexpected, type Answer, type TargetEndpoint } from './exchange';
import { beginning, decodeState, encodeState, type ListState } from './list-state';

/** Windows without anybody that are stepped over before the read is given up. */
const MAX_EMPTY = 3;
/** RFC 9865 allows empty pages with a cursor; a read is not to go round in them. */
const MAX_EMPTY_CURSOR = 20;

interface ListAnswer {
  entries: DirectoryEntry[];
  /** Objects as they came, also those without an id. */
  count: number;
  withoutId: number;
  total: number | null;
  nextCursor: string | null;
  fingerprint: string;
}

/**
 * Reads a collection of an application from one end to the other: by cursor (RFC 9865) where the application announces it,
 * else by index (RFC 7644 section 3.4.2.4). It believes nothing that can be checked, because whoever is missing from a
 * complete read counts as gone: a read is complete only if it ends where the application says that it ends.
 */
export class ListReader {
  private byCursor: Promise<boolean> | null = null;

  constructor(private readonly endpoint: TargetEndpoint) {}

  async page(type: ObjectType, { cursor, filter, limit }: ListQuery): Promise<DirectoryPage> {
    const state = cursor === null ? beginning((await this.cursorsAnnounced()) ? 'cursor' : 'index') : decodeState(cursor);
    const query = new URLSearchParams(state.by === 'cursor' ? { cursor: state.cursor } : { startIndex: String(state.index) });
    query.set('count', String(limit));
    if (filter !== undefined) query.set('filter', filter);
    const path = `${RESOURCE_TYPES[type].endpoint}?${query.toString().replace(/\+/g, '%20')}`;
    if (state.by === 'cursor') return this.cursorPage(state, path);
    // Beyond the end some answer with an error instead of an empty list.
    const atEnd = state.read > 0 && state.total !== null && state.read >= state.total;
    const answer = await this.endpoint.send('GET', path, undefined, atEnd ? [400, 404] : []);
    return answer.status >= 400 ? ended(state) : indexPage(state, listOf(answer), limit);
  }

  private async cursorPage(state: ListState, path: string): Promise<DirectoryPage> {
    const answer = await this.endpoint.send('GET', path, undefined, state.read > 0 ? [400] : []);
    if (answer.status === 400) {
      const type = answer.body === null ? undefined : ownValue(answer.body, 'scimType');
      if (type === 'expiredCursor' || type === 'invalidCursor') return ended(flawed(state, 'it no longer knew where the read was'));
      throw unexpected('The application refused to go on with the list.', answer.exchange);
    }
    const list = listOf(answer);
    const next = list.nextCursor;
    let after: ListState = {
      ...noted(state, list),
      cursor: next ?? '',
      // Objects may come and go while a cursor stands: as many as the smallest number have to come.
      total: smaller(state.total, list.total),
      empty: list.count === 0 ? state.empty + 1 : 0,
    };
    const repeats = list.count > 0 && state.read > 0 && list.fingerprint === state.last;
    if (repeats || (next !== null && next === state.cursor)) return ended(flawed(state, REPEATED));
    if (after.empty > MAX_EMPTY_CURSOR) return ended(flawed(after, 'it answered only empty pages'));
    if (next !== null) return going(after, list.entries);
    if (after.total !== null && after.read < after.total) after = flawed(after, tellCount(after));
    return ended(after, list.entries);
  }

  /** Asked once; an application that does not say is read by index. */
  private cursorsAnnounced(): Promise<boolean> {
    this.byCursor ??= this.readConfig().catch((error: unknown) => {
      this.byCursor = null;
      throw error;
    });
    return this.byCursor;
  }

  private async readConfig(): Promise<boolean> {
    const { body } = await this.endpoint.send('GET', '/ServiceProviderConfig', undefined, [400, 404, 405, 501]);
    const pagination = body === null ? undefined : ownValue(body, 'pagination');
    return isObject(pagination) && pagination.cursor === true;
  }
}

const REPEATED = 'it answered the same page twice';

function indexPage(state: ListState, list: ListAnswer, limit: number): DirectoryPage {
  if (list.count === 0) return emptyPage(state, list, limit);
  const isWhole = state.total !== null && state.read === state.total;
  const repeats = state.read > 0 && (list.fingerprint === state.first || list.fingerprint === state.last);
  const isTail = list.entries.some(({ ref }) => ref === state.tail);
  // Asked for what is behind the end, some answer with the last page, or with everything, once more.
  if (isWhole && (repeats || isTail)) return ended(state);
  if (repeats) return ended(flawed(state, REPEATED));
  return going({ ...noted(shrunk(state, list.total), list), index: state.index + list.count, total: list.total ?? state.total, empty: 0 }, list.entries);
}

/** The end, or a hole: people that this token may not see, an index that is behind. */
function emptyPage(state: ListState, list: ListAnswer, limit: number): DirectoryPage {
  // Behind the end some say that there is nobody at all.
  const total = state.read > 0 && list.total === 0 ? state.total : (list.total ?? state.total);
  const after = { ...shrunk(state, total), total };
  if (total === null || after.read >= total || state.index > total) return ended(after);
  const empty = state.empty + 1;
  const index = state.index + limit;
  const hole = flawed({ ...after, empty, index }, `it answered an empty page at ${state.index} and says that there are ${total}`);
  return empty >= MAX_EMPTY || index > total ? ended(hole) : going(hole, []);
}

/** Who is behind somebody that was removed meanwhile moves up, over the edge of a page that was read already. */
const shrunk = (state: ListState, total: number | null): ListState =>
  total !== null && state.total !== null && total < state.total ? flawed(state, 'objects were removed there while it was read') : state;

function noted(state: ListState, list: ListAnswer): ListState {
  const after = {
    ...state,
    read: state.read + list.entries.length,
    first: state.first === '' ? list.fingerprint : state.first,
    last: list.count === 0 ? state.last : list.fingerprint,
    tail: list.entries.at(-1)?.ref ?? state.tail,
  };
  return list.withoutId === 0 ? after : flawed(after, 'it answered objects without an id');
}

/** The first reason is the one that is told. */
const flawed = (state: ListState, reason: string): ListState => ({
  ...state,
  incomplete: state.incomplete ?? `The read of the source was not complete: ${reason}.`,
});

const tellCount = ({ read, total }: ListState): string => `${read} came of ${total} that it says there are`;

const going = (state: ListState, entries: DirectoryEntry[]): DirectoryPage => ({ entries, next: encodeState(state), incomplete: state.incomplete });

function ended(state: ListState, entries: DirectoryEntry[] = []): DirectoryPage {
  if (state.by === 'cursor') return { entries, next: null, incomplete: state.incomplete };
  const { total, read } = state;
  const counted = total === null ? flawed(state, 'it does not say how many there are') : read === total ? state : flawed(state, tellCount(state));
  return { entries, next: null, incomplete: counted.incomplete };
}

const smaller = (a: number | null, b: number | null): number | null => (a === null || b === null ? (a ?? b) : Math.min(a, b));

function listOf({ body, exchange }: Answer): ListAnswer {
  const total = wholeNumber(body?.totalResults);
  const resources = body?.Resources ?? (total === 0 ? [] : undefined);
  // Some leave `Resources` out of an empty page.
  if (resources !== undefined && !Array.isArray(resources)) throw unexpected('The application answered with something that is not a SCIM list.', exchange);
  if (resources === undefined && total === null) throw unexpected('The application answered with something that is not a SCIM list.', exchange);
  const objects: unknown[] = resources ?? [];
  const entries = new Map<string, DirectoryEntry>();
  let withoutId = 0;
  for (const object of objects) {
    const entry = isObject(object) ? entryOf(object) : null;
    if (entry === null) withoutId += 1;
    else entries.set(entry.ref, entry);
  }
  const nextCursor = body === null ? undefined : ownValue(body, 'nextCursor');
  return {
    entries: [...entries.values()],
    count: objects.length,
    withoutId,
    total,
    nextCursor: typeof nextCursor === 'string' && nextCursor !== '' ? nextCursor : null,
    fingerprint: createHash('sha256').update(JSON.stringify([...entries.keys()])).digest('base64url').slice(0, 22),
  };
}

function entryOf(object: PlainObject): DirectoryEntry | null {
  const { id, schemas } = object;
  if (typeof id !== 'string' || id === '') return null;
  const urns = Array.isArray(schemas) ? schemas.filter((urn): urn is string => typeof urn === 'string') : [];
  return { ref: id, resource: { ...object, id, schemas: urns } as Resource };
}

const wholeNumber = (value: unknown): number | null => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null);
