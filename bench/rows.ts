/** What is measured: each row as the request that a server's API has for it. */
import { scimUser, strapiUser } from './people';
import type { Person } from './servers/child';

export interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Behind the server's root. */
  path: string;
  body?: unknown;
}

/** One API. Null: it has no counterpart. */
export interface Api {
  create(name: string): Request;
  get(person: Person): Request;
  find(person: Person): Request;
  page(startIndex: number, count: number): Request;
  setActive(person: Person, active: boolean): Request;
  group: null | {
    create(name: string): Request;
    add(groupId: string, ids: string[]): Request;
    remove(groupId: string, id: string): Request;
  };
  bulk: null | ((names: string[]) => Request);
}

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

const patch = (path: string, operation: Record<string, unknown>): Request => ({ method: 'PATCH', path, body: { schemas: [PATCH], Operations: [operation] } });

export const scimApi: Api = {
  create: (name) => ({ method: 'POST', path: '/Users', body: scimUser(name) }),
  get: ({ id }) => ({ method: 'GET', path: `/Users/${id}` }),
  find: ({ userName }) => ({ method: 'GET', path: `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}` }),
  page: (startIndex, count) => ({ method: 'GET', path: `/Users?startIndex=${startIndex}&count=${count}` }),
  setActive: ({ id }, active) => patch(`/Users/${id}`, { op: 'replace', path: 'active', value: active }),
  group: {
    create: (displayName) => ({ method: 'POST', path: '/Groups', body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName } }),
    add: (groupId, ids) => patch(`/Groups/${groupId}`, { op: 'add', path: 'members', value: ids.map((value) => ({ value })) }),
    remove: (groupId, id) => patch(`/Groups/${groupId}`, { op: 'remove', path: `members[value eq "${id}"]` }),
  },
  bulk: (names) => ({
    method: 'POST',
    path: '/Bulk',
    body: { schemas: [BULK], Operations: names.map((name) => ({ method: 'POST', path: '/Users', bulkId: name, data: scimUser(name) })) },
  }),
};

/** Strapi's own end users: fewer fields, and a password, which it demands and hashes. */
export const strapiApi = (role: number): Api => ({
  create: (name) => ({ method: 'POST', path: '/users', body: { ...strapiUser(name), role } }),
  get: ({ id }) => ({ method: 'GET', path: `/users/${id}` }),
  find: ({ userName }) => ({ method: 'GET', path: `/users?filters[username][$eq]=${encodeURIComponent(userName)}` }),
  page: (startIndex, count) => ({ method: 'GET', path: `/users?start=${startIndex - 1}&limit=${count}` }),
  setActive: ({ id }, active) => ({ method: 'PUT', path: `/users/${id}`, body: { blocked: !active } }),
  group: null,
  bulk: null,
});
