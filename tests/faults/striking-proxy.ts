/**
 * Stands in front of an application, counts what arrives there, and strikes while a request is on its way: that is how a
 * test kills a process at an instant that a seed chose, whatever the speed of the machine.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TargetApp } from '../helpers/target-app';

export interface Strike {
  /** Which requests are counted: while planning people are only searched. */
  counts: 'reads' | 'writes';
  /** At the so-manieth of them from now. */
  nth: number;
  /** It never arrives; it arrives and the answer does not come back; or some moment after it came. */
  moment: 'unsent' | 'unanswered' | { laterMs: number };
}

export const MOMENTS = ['unsent', 'unanswered', 'later'] as const;

interface Armed extends Strike {
  blow(): void;
}

export class StrikingProxy {
  /** Users that the application was asked to create, and how often. */
  readonly asked = new Map<string, number>();
  /** Answered 2xx: created, or changed. */
  readonly created = new Map<string, number>();
  readonly changed = new Map<string, number>();
  /** A slow application: so long each request waits. */
  delayMs = 0;
  private armed: Armed | null = null;
  /** Called when those may go on who wait since the last blow; null: nobody has to wait. */
  private held: (() => void)[] | null = null;
  private readonly server = createServer((request, response) => void this.handle(request, response).catch(() => response.destroy()));

  private constructor(private readonly target: TargetApp) {}

  static async start(target: TargetApp): Promise<StrikingProxy> {
    const proxy = new StrikingProxy(target);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/scim/v2`;
  }

  /** So many writes were asked for and done. */
  get written(): number {
    return this.created.size + this.changed.size;
  }

  /**
   * Calls `blow` at that request, within the same tick; answers when it did. Requests after it wait for the next strike, or
   * for `open`: no instant is missed while a process starts.
   */
  async strike(strike: Strike, blow: () => Promise<void>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const strikes = (): void => {
        this.held = [];
        blow().then(resolve, reject);
      };
      this.armed = { ...strike, blow: strikes };
      this.open();
    });
  }

  open(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const goOn of held) goOn();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await buffer(request)).toString('utf8');
    const { method = 'GET', url = '' } = request;
    while (this.held !== null) await new Promise<void>((resolve) => this.held?.push(resolve));
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    // Its sender died while it waited.
    if (response.closed) return;
    const strike = this.due(method);
    if (strike?.moment === 'unsent') {
      strike.blow();
      return void response.destroy();
    }
    if (strike !== null && typeof strike.moment === 'object') setTimeout(strike.blow, strike.moment.laterMs);
    const path = url.replace(/^\/scim\/v2/, '');
    const name = method === 'POST' && path === '/Users' ? (JSON.parse(body) as { userName: string }).userName : null;
    if (name !== null) add(this.asked, name);
    const answered = await fetch(`${this.target.baseUrl}${path}`, {
      method,
      headers: { authorization: request.headers.authorization ?? '', 'content-type': 'application/scim+json' },
      ...(body === '' ? {} : { body }),
    });
    const text = await answered.text();
    if (answered.ok && name !== null) add(this.created, name);
    if (answered.ok && (method === 'PUT' || method === 'PATCH')) add(this.changed, path);
    if (strike?.moment === 'unanswered') {
      strike.blow();
      return void response.destroy();
    }
    response.writeHead(answered.status, { 'content-type': 'application/scim+json' });
    response.end(answered.status === 204 ? undefined : text);
  }

  private due(method: string): Armed | null {
    const { armed } = this;
    if (armed === null || (armed.counts === 'reads') !== (method === 'GET')) return null;
    armed.nth -= 1;
    if (armed.nth > 0) return null;
    this.armed = null;
    return armed;
  }
}

const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
