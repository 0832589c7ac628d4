import { Agent, ProxyAgent, request, type Dispatcher } from 'undici';
import type { HttpClient, HttpRequest, HttpResponse } from '../../ports/http-client';

/** Answers larger than this are not SCIM lists of one page. */
const MAX_ANSWER_BYTES = 20_000_000;

/**
 * HTTP to one target: a pool of its own, so that a slow application holds up nobody else. Redirects are not followed:
 * they would carry the token elsewhere.
 */
export class UndiciClient implements HttpClient {
  private readonly dispatcher: Dispatcher;

  constructor(options: { connections: number; proxyUrl: string | null }) {
    const pool = { connections: options.connections, keepAliveTimeout: 10_000 };
    this.dispatcher = options.proxyUrl === null ? new Agent(pool) : new ProxyAgent({ uri: options.proxyUrl, ...pool });
  }

  async request({ method, url, headers, body, timeoutMs }: HttpRequest): Promise<HttpResponse> {
    const answer = await request(url, {
      method: method as Dispatcher.HttpMethod,
      headers,
      body: body ?? null,
      dispatcher: this.dispatcher,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of answer.body as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > MAX_ANSWER_BYTES) throw new Error('The answer is larger than 20 MB.');
      parts.push(part);
    }
    const flat = Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')] as const);
    return { status: answer.statusCode, headers: Object.fromEntries(flat), text: Buffer.concat(parts).toString('utf8') };
  }

  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }
}
