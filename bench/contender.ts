/** A server in the race and the requests it is sent, one row of the table each. */
import type { Answer, Load } from './load';
import type { Api, Request } from './rows';
import type { Person } from './servers/child';
import type { ServerProcess } from './servers/process';

export interface Contender {
  name: string;
  isPlugin: boolean;
  server: ServerProcess;
  load: Load;
  api: Api;
  /** Some of its users, spread over all. */
  people: Person[];
  size: number;
  groupId: string | null;
  membersPerSecond?: number;
  /** Ids of people outside of the group; those in `added` are in it now. */
  candidates: string[];
  added: string[];
  /** Counts requests, so that names are new and people differ. */
  made: number;
  /** Counts changes of `active` among `people`. */
  patched: number;
}

export type RowName = 'create' | 'get' | 'find' | 'first page' | 'last page' | 'patch' | 'add member' | 'remove member' | 'bulk';

interface Row {
  title: string;
  /** The next request; null: there is none. With `probe` nothing is counted: it only tells whether the API has the row. */
  request(contender: Contender, probe?: 'probe'): Request | null;
  /** What is to be said of the answers; empty where they are what was asked for. */
  check(answer: Answer): string;
}

const PAGE = 100;
const BULK = 100;

const asAsked = (): string => '';

/** In an order that is neither of the ids nor of the pages. */
const person = (contender: Contender): Person => {
  contender.made += 1;
  return contender.people[(contender.made * 7_919) % contender.people.length] ?? { id: '', userName: '' };
};

const newName = (contender: Contender): string => {
  contender.made += 1;
  return `new-${contender.size}-${contender.made}`;
};

const resourcesOf = (text: string): unknown[] => {
  const body = JSON.parse(text);
  return Array.isArray(body) ? body : (body.Resources ?? []);
};

const rowsIn = (wanted: number) => ({ status, text }: Answer): string => {
  if (status !== 200) return '';
  const found = resourcesOf(text).length;
  return found === wanted ? '' : `${found} of ${wanted} users`;
};

export const ROWS: Record<RowName, Row> = {
  create: { title: 'create a user', request: (contender) => contender.api.create(newName(contender)), check: asAsked },
  get: { title: 'user by id', request: (contender) => contender.api.get(person(contender)), check: asAsked },
  find: { title: 'filter `userName eq`', request: (contender) => contender.api.find(person(contender)), check: rowsIn(1) },
  'first page': { title: 'first page of 100', request: ({ api }) => api.page(1, PAGE), check: rowsIn(PAGE) },
  'last page': { title: 'last page of 100', request: ({ api, size }) => api.page(size - PAGE + 1, PAGE), check: rowsIn(PAGE) },
  patch: {
    title: 'PATCH `active`',
    request: (contender, probe) => {
      const target = contender.people[contender.patched % contender.people.length];
      if (target === undefined) return null;
      // Another value at every pass over the people, so that each request changes something.
      const active = Math.floor(contender.patched / contender.people.length) % 2 === 1;
      if (!probe) contender.patched += 1;
      return contender.api.setActive(target, active);
    },
    check: asAsked,
  },
  'add member': {
    title: 'add one member to a large group',
    request: ({ api, groupId, candidates, added }, probe) => {
      if (api.group === null || groupId === null) return null;
      if (probe) return api.group.add(groupId, []);
      const id = candidates.pop();
      if (id === undefined) return null;
      added.push(id);
      return api.group.add(groupId, [id]);
    },
    check: asAsked,
  },
  'remove member': {
    title: 'remove one member of a large group',
    request: ({ api, groupId, candidates, added }, probe) => {
      if (api.group === null || groupId === null) return null;
      if (probe) return api.group.remove(groupId, '');
      const id = added.pop();
      if (id === undefined) return null;
      candidates.push(id);
      return api.group.remove(groupId, id);
    },
    check: asAsked,
  },
  bulk: {
    title: 'Bulk of 100 creates',
    request: (contender, probe) => {
      if (contender.api.bulk === null) return null;
      return contender.api.bulk(probe ? [] : Array.from({ length: BULK }, () => newName(contender)));
    },
    check: ({ status, text }) => {
      if (status !== 200) return '';
      const done = (JSON.parse(text).Operations as { status?: unknown }[]).filter((operation) => String(operation.status) === '201').length;
      return done === BULK ? '' : `${done} of ${BULK} created`;
    },
  },
};
