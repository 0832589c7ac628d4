/** The load generator: keep-alive connections, a fixed number of requests at a time. */
import { Pool } from 'undici';
import type { Request } from './rows';
import type { Target } from './servers/child';

export interface Answer {
  status: number;
  text: string;
}

/** What was measured of one row, one server, one concurrency; slices add up. */
export class Cell {
  readonly latencies: number[] = [];
  readonly unexpected = new Map<number, number>();
  private elapsedMs = 0;

  add(elapsedMs: number): void {
    this.elapsedMs += elapsedMs;
  }

  get perSecond(): number {
    return this.elapsedMs === 0 ? 0 : (1_000 * this.latencies.length) / this.elapsedMs;
  }

  get medianMs(): number {
    return [...this.latencies].sort((a, b) => a - b)[Math.floor(this.latencies.length / 2)] ?? 0;
  }
}

export class Load {
  private readonly pool: Pool;

  constructor(private readonly target: Target) {
    this.pool = new Pool(target.origin, { connections: 10, pipelining: 1, headersTimeout: 120_000, bodyTimeout: 120_000 });
  }

  async send({ method, path, body }: Request): Promise<Answer> {
    const { statusCode, body: answer } = await this.pool.request({
      method,
      path: `${this.target.root}${path}`,
      headers: this.target.headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: statusCode, text: await answer.text() };
  }

  /** Sends what `next` makes, `concurrency` at a time, until it makes nothing more or the time is over. */
  async run(cell: Cell, concurrency: number, maxMs: number, next: () => Request | null): Promise<void> {
    const start = performance.now();
    const worker = async (): Promise<void> => {
      while (performance.now() - start < maxMs) {
        const request = next();
        if (request === null) return;
        const begun = performance.now();
        const { status } = await this.send(request);
        if (status >= 200 && status < 300) cell.latencies.push(performance.now() - begun);
        else cell.unexpected.set(status, (cell.unexpected.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    cell.add(performance.now() - start);
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}
