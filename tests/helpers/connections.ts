/** Connections made through the admin API, as an admin makes them, and a small SCIM client for the inbound ones. */
import type { ConnectionInfo, ConnectionInput, ConnectionWithToken } from '../../server/src/contracts/connection';
import type { OperationDetail, OperationSummary } from '../../server/src/contracts/operation';
import { NO_LIMITS } from './guard';
import type { RunInfo } from '../../server/src/contracts/run';
import type { BootedStrapi } from './strapi';
import { eventually } from './wait';

export interface ScimAnswer {
  status: number;
  headers: Record<string, string>;
  // Tests look into answers of every shape.
  body: ScimBody;
}

export interface ScimBody {
  schemas?: string[];
  id: string;
  totalResults?: number;
  Resources?: ScimBody[];
  detail?: string;
  scimType?: string;
  status?: string;
  [attribute: string]: unknown;
}

export interface Inbound {
  connection: ConnectionInfo;
  token: string;
  /** Path of the SCIM root on this Strapi. */
  root: string;
  scim(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ScimAnswer>;
}

export async function adminApi<T>(booted: BootedStrapi, method: 'get' | 'post' | 'put' | 'delete', path: string, body?: unknown): Promise<{ status: number; data: T; error: { message: string; details: { errors?: { path: string[]; message: string }[] } } }> {
  const request = booted.http[method](`/user-provisioning${path}`).set('Authorization', `Bearer ${await booted.adminToken()}`);
  const answer = body === undefined ? await request : await request.send(body as object);
  return { status: answer.status, data: answer.body?.data as T, error: answer.body?.error };
}

/** Without limits, unless the input names some: `guard: {}` has the defaults. */
export async function createConnection(booted: BootedStrapi, input: ConnectionInput): Promise<ConnectionWithToken> {
  const answer = await adminApi<ConnectionWithToken>(booted, 'post', '/connections', { guard: NO_LIMITS, ...input });
  if (answer.status !== 201) throw new Error(`The connection was refused: ${answer.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

export async function createInbound(booted: BootedStrapi, input: Partial<ConnectionInput> = {}): Promise<Inbound> {
  const { connection, token } = await createConnection(booted, { name: 'Test IdP', direction: 'inbound', population: 'end-users', ...input });
  if (token === null) throw new Error('An inbound connection comes with a token.');
  const root = new URL(connection.baseUrl, 'http://strapi.invalid').pathname;
  return {
    connection,
    token,
    root,
    async scim(method, path, body, headers = {}) {
      const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
      let request = booted.http[verb](`${root}${path}`).set('Authorization', `Bearer ${token}`).set('Accept', 'application/scim+json').buffer(true);
      if (body !== undefined) request = request.set('Content-Type', 'application/scim+json');
      for (const [name, value] of Object.entries(headers)) request = request.set(name, value);
      const answer = body === undefined ? await request : await request.send(typeof body === 'string' ? body : JSON.stringify(body));
      const text = answer.text ?? '';
      return { status: answer.status, headers: answer.headers as Record<string, string>, body: (text === '' ? {} : JSON.parse(text)) as ScimBody };
    },
  };
}

/** Until an outbound connection has nothing to do: no change waits, and no run is under way. */
export async function idle(booted: BootedStrapi, id: number): Promise<void> {
  await eventually(
    async () => {
      const { data: page } = await adminApi<{ results: RunInfo[] }>(booted, 'get', `/runs?connectionId=${id}&pageSize=1`);
      const { data: connection } = await adminApi<ConnectionInfo>(booted, 'get', `/connections/${id}`);
      return { run: page.results[0]?.state ?? 'done', pending: connection.delivery?.pending };
    },
    ({ run, pending }) => run !== 'planning' && run !== 'applying' && pending === 0
  );
}

export async function operations(booted: BootedStrapi, query = ''): Promise<OperationSummary[]> {
  return (await adminApi<{ results: OperationSummary[] }>(booted, 'get', `/operations?pageSize=100${query}`)).data.results;
}

export async function operationDetail(booted: BootedStrapi, id: number): Promise<OperationDetail> {
  return (await adminApi<OperationDetail>(booted, 'get', `/operations/${id}`)).data;
}
