/**
 * A cheap SCIM application for large sizes, in a process of its own: it keeps nothing of a person but id and name, and answers
 * what it was sent. So a load measures the plugin and not the application.
 *
 * The first line on stdout is `{"baseUrl":"…"}`. It ends with its parent (stdin closes).
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { filledName, filledNumber } from './people';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

interface Answer {
  status: number;
  body?: unknown;
}

const names = new Map<string, string>();
const ids = new Map<string, string>();
/** People 1 to this are here without being held: `filled-<n>` has the n-th name. */
let filled = 0;

const isFilled = (n: number | null): n is number => n !== null && n <= filled;
const idOf = (name: string): string | undefined => {
  const n = filledNumber(name);
  return isFilled(n) ? `filled-${n}` : ids.get(name.toLowerCase());
};
const nameOf = (id: string): string | undefined => {
  const n = id.startsWith('filled-') ? Number(id.slice(7)) : null;
  return isFilled(n) ? filledName(n) : names.get(id);
};
const resource = (id: string, sent: object): object => ({ ...sent, schemas: [USER], id, userName: nameOf(id) });
const missing: Answer = { status: 404, body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '404', detail: 'Nobody has this id.' } };

function list(filter: string): Answer {
  const [, attribute = '', name = ''] = /^(\w+) eq "(.*)"$/.exec(filter) ?? [];
  const id = attribute === 'userName' ? idOf(name) : undefined;
  const found = id === undefined ? [] : [resource(id, {})];
  return { status: 200, body: { schemas: [LIST], totalResults: found.length, startIndex: 1, itemsPerPage: found.length, Resources: found } };
}

function answer(method: string, url: URL, body: Record<string, unknown>): Answer {
  const [, , , type, id] = url.pathname.split('/');
  if (type === 'bench') {
    filled = Number(body.filled);
    return { status: 200, body: {} };
  }
  if (type !== 'Users') return missing;
  if (id === undefined && method === 'GET') return list(url.searchParams.get('filter') ?? '');
  if (id === undefined) {
    const name = String(body.userName);
    if (idOf(name) !== undefined) return { status: 409, body: { scimType: 'uniqueness', status: '409' } };
    const made = randomUUID();
    names.set(made, name);
    ids.set(name.toLowerCase(), made);
    return { status: 201, body: resource(made, body) };
  }
  const name = nameOf(id);
  if (name === undefined) return missing;
  if (method === 'DELETE') {
    names.delete(id);
    ids.delete(name.toLowerCase());
    return { status: 204 };
  }
  return { status: 200, body: resource(id, {}) };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>);
}

const server = createServer((request, response) => {
  void bodyOf(request).then((sent) => {
    const { status, body } = answer(request.method ?? '', new URL(request.url ?? '', 'http://stand-in.invalid'), sent);
    response.writeHead(status, { 'content-type': 'application/scim+json' }).end(body === undefined ? undefined : JSON.stringify(body));
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim/v2` })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
