/**
 * A SCIM application on a bad day: stands in front of a real one and, by chance that a seed makes again, breaks what goes
 * through. What it broke is counted, so that a test can look for each of it in the log.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TargetApp } from '../helpers/target-app';
import type { Random } from './random';

/** How often each is chosen, of 1,000 requests. */
const FAULTS = {
  limitedSeconds: 5,
  limitedDate: 5,
  error500: 25,
  error503: 20,
  hangsBefore: 2,
  hangsAfter: 3,
  dropsBefore: 15,
  dropsAfter: 25,
  htmlBefore: 8,
  htmlAfter: 12,
  html404: 12,
  cutJson: 20,
  cutBody: 15,
} as const;
export type Fault = keyof typeof FAULTS;

/** Things that are no failure of the request, but not the truth either. */
const LIES_OF_LISTS = { wrongTotal: 150, hiddenHits: 300 } as const;
const LIES_OF_USERS = { forgetsForAMoment: 120, forgetsForGood: 60 } as const;
export type Lie = keyof typeof LIES_OF_LISTS | keyof typeof LIES_OF_USERS;

const WRITES_DONE: readonly Fault[] = ['hangsAfter', 'dropsAfter', 'htmlAfter', 'cutJson', 'cutBody'];
const PAGE = '<!doctype html><html><body>Please sign in</body></html>';

interface Upstream {
  status: number;
  headers: Record<string, string>;
  text: string;
}

export class ChaosProxy {
  mood: 'calm' | 'storm' | 'down' = 'calm';
  requests = 0;
  readonly faults: Partial<Record<Fault | 'down', number>> = {};
  readonly lies: Partial<Record<Lie, number>> = {};
  /** Ids at the application of whom it forgot for good, with the externalId they had. */
  readonly forgotten: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((request, response) => void this.handle(request, response).catch(() => response.destroy()));

  private constructor(
    private readonly target: TargetApp,
    private readonly random: Random
  ) {
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(target: TargetApp, random: Random): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(target, random);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/scim/v2`;
  }

  /** Requests that failed; some without any answer. */
  get failures(): { all: number; silent: number } {
    const { hangsBefore = 0, hangsAfter = 0 } = this.faults;
    return { all: Object.values(this.faults).reduce((sum, count) => sum + count, 0), silent: hangsBefore + hangsAfter };
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const body = await buffer(request);
    const path = (request.url ?? '').replace(/^\/scim\/v2/, '');
    if (this.mood === 'down') {
      this.count(this.faults, 'down');
      return void response.destroy();
    }
    const forward = (): Promise<Upstream> => this.forward(request, path, body);
    if (this.mood === 'calm') return answer(response, await forward());
    const fault = this.choose(FAULTS);
    if (fault !== null) {
      this.count(this.faults, fault);
      return this.fail(fault, response, WRITES_DONE.includes(fault) ? await forward() : null);
    }
    return answer(response, await this.lie(request.method ?? '', path, forward));
  }

  private fail(fault: Fault, response: ServerResponse, done: Upstream | null): void {
    switch (fault) {
      case 'limitedSeconds':
        return answer(response, { status: 429, headers: { 'retry-after': this.random.next() < 0.5 ? '0' : '1' }, text: '' });
      case 'limitedDate':
        return answer(response, { status: 429, headers: { 'retry-after': new Date(Date.now() + 1_000).toUTCString() }, text: '' });
      case 'error500':
        return answer(response, { status: 500, headers: {}, text: JSON.stringify({ detail: 'Internal error' }) });
      case 'error503':
        return answer(response, { status: 503, headers: this.random.next() < 0.5 ? { 'retry-after': '0' } : {}, text: '' });
      case 'hangsBefore':
      case 'hangsAfter':
        return;
      case 'htmlBefore':
      case 'htmlAfter':
        return answer(response, { status: 200, headers: { 'content-type': 'text/html' }, text: PAGE });
      case 'html404':
        return answer(response, { status: 404, headers: { 'content-type': 'text/html' }, text: PAGE });
      case 'cutJson': {
        const text = done?.text ?? '';
        // Nothing to cut: then it is no fault that anybody could see but a broken connection.
        if (text.length < 4) return void response.destroy();
        return answer(response, { status: done?.status ?? 200, headers: {}, text: text.slice(0, Math.ceil(text.length / 2)) });
      }
      case 'cutBody':
        response.writeHead(200, { 'content-type': 'application/scim+json', 'content-length': '5000' });
        response.write(`{"schemas":[${done?.text.slice(0, 20) ?? ''}`, () => response.destroy());
        return;
      default:
        return void response.destroy();
    }
  }

  private async lie(method: string, path: string, forward: () => Promise<Upstream>): Promise<Upstream> {
    const ofOne = /^\/Users\/([^/?]+)$/.exec(path)?.[1];
    const lie: Lie | null = ofOne === undefined ? this.choose(LIES_OF_LISTS) : this.choose(LIES_OF_USERS);
    if (ofOne !== undefined && lie === 'forgetsForAMoment' && method !== 'DELETE') {
      this.count(this.lies, lie);
      return { status: 404, headers: { 'content-type': 'application/scim+json' }, text: JSON.stringify({ detail: 'Not found', status: '404' }) };
    }
    if (ofOne !== undefined && lie === 'forgetsForGood') {
      const { status, body } = await this.target.request('GET', `/Users/${ofOne}`);
      if (status === 200 && typeof body.externalId === 'string') {
        this.count(this.lies, lie);
        this.forgotten.push(body.externalId);
        await this.target.request('DELETE', `/Users/${ofOne}`);
      }
    }
    const truth = await forward();
    if (!path.startsWith('/Users?') || truth.status !== 200 || (lie !== 'wrongTotal' && lie !== 'hiddenHits')) return truth;
    const list = JSON.parse(truth.text) as { totalResults: number; Resources?: unknown[] };
    if (lie === 'hiddenHits' && list.totalResults === 0) return truth;
    this.count(this.lies, lie);
    const told = lie === 'hiddenHits' ? { ...list, Resources: [] } : { ...list, totalResults: (list.Resources ?? []).length === 0 ? 0 : this.random.below(100) };
    return { ...truth, text: JSON.stringify(told) };
  }

  private async forward(request: IncomingMessage, path: string, body: Buffer): Promise<Upstream> {
    const answered = await fetch(`${this.target.baseUrl}${path}`, {
      method: request.method ?? 'GET',
      headers: { authorization: request.headers.authorization ?? '', 'content-type': request.headers['content-type'] ?? 'application/scim+json' },
      ...(body.length === 0 ? {} : { body: body.toString('utf8') }),
    });
    return { status: answered.status, headers: { 'content-type': 'application/scim+json' }, text: await answered.text() };
  }

  private choose<K extends string>(weights: Readonly<Record<K, number>>): K | null {
    const total = Object.values<number>(weights).reduce((sum, weight) => sum + weight, 0);
    return this.random.next() * 1_000 < total ? this.random.weighted(weights) : null;
  }

  private count<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
    counts[key] = (counts[key] ?? 0) + 1;
  }
}

function answer(response: ServerResponse, { status, headers, text }: Upstream): void {
  response.writeHead(status, { 'content-type': 'application/scim+json', ...headers });
  response.end(status === 204 ? undefined : text);
}
