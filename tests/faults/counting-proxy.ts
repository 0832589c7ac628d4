/** Stands in front of a SCIM server and counts what arrives there, by method and status; changes nothing. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export class CountingProxy {
  /** `PATCH 200` -> how often. */
  readonly counts: Record<string, number> = {};
  requests = 0;
  /** Not answered yet. */
  open = 0;
  private readonly server = createServer((request, response) => void this.handle(request, response).catch(() => response.destroy()));

  private constructor(private readonly upstream: string) {}

  /** `upstream`: SCIM base URL. */
  static async start(upstream: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(upstream);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/scim`;
  }

  /** Requests that were to change something. */
  get writes(): number {
    return Object.entries(this.counts).reduce((sum, [key, count]) => (key.startsWith('GET ') ? sum : sum + count), 0);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    this.open += 1;
    try {
      const body = await buffer(request);
      const { method = 'GET', url = '' } = request;
      const answered = await fetch(`${this.upstream}${url.replace(/^\/scim/, '')}`, {
        method,
        headers: { authorization: request.headers.authorization ?? '', 'content-type': request.headers['content-type'] ?? 'application/scim+json' },
        ...(body.length === 0 ? {} : { body: body.toString('utf8') }),
      });
      const text = await answered.text();
      const key = `${method} ${answered.status}`;
      this.counts[key] = (this.counts[key] ?? 0) + 1;
      const retryAfter = answered.headers.get('retry-after');
      response.writeHead(answered.status, { 'content-type': 'application/scim+json', ...(retryAfter === null ? {} : { 'retry-after': retryAfter }) });
      response.end(answered.status === 204 ? undefined : text);
    } finally {
      this.open -= 1;
    }
  }
}
