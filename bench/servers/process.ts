/** The benchmark's side of a measured server: starts it in an own process, calls it, and sees that it ends. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Share } from '../profile';
import type { Call, Message, Person, Target } from './child';

const HOOK = join(__dirname, '..', 'typescript.cjs');
/** A statement that fills a large table cannot be interrupted. */
const STOP_MS = 120_000;

const running = new Set<ServerProcess>();

export class ServerProcess {
  private calls = 0;
  private readonly waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  private readonly gone: Promise<void>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess
  ) {
    this.gone = new Promise((resolve) => child.once('exit', () => resolve()));
    child.once('exit', (code, signal) => {
      running.delete(this);
      for (const { reject } of this.waiting.values()) reject(new Error(`${name} ended with ${code ?? signal}.`));
    });
    child.on('message', (message: Message) => {
      if (!('call' in message)) return;
      const call = this.waiting.get(message.call);
      this.waiting.delete(message.call);
      if (message.error !== undefined) call?.reject(new Error(`${name}: ${message.error}`));
      else call?.resolve(message.result);
    });
  }

  /** `entry`: a file of bench/servers; `args`: what it is to use (a database). */
  static async start(name: string, entry: string, args: string[]): Promise<{ server: ServerProcess; target: Target }> {
    const child = fork(join(__dirname, `${entry}.ts`), args, {
      execArgv: ['-r', HOOK],
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const server = new ServerProcess(name, child);
    running.add(server);
    const target = await new Promise<Target>((resolve, reject) => {
      child.once('message', (message: Message) => {
        if ('ready' in message) resolve(message.ready);
        else reject(new Error('failed' in message ? message.failed : 'It did not start.'));
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`It ended with ${code ?? signal}.`)));
    });
    return { server, target };
  }

  fill(total: number, sample: number): Promise<Person[]> {
    return this.call('fill', [total, sample]) as Promise<Person[]>;
  }

  async startProfile(): Promise<void> {
    await this.call('startProfile', []);
  }

  stopProfile(): Promise<Share[]> {
    return this.call('stopProfile', []) as Promise<Share[]>;
  }

  /** In order, with its database removed; by force when that takes too long. */
  async stop(): Promise<void> {
    const force = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await this.call('stop', []).catch((error: unknown) => console.error(error));
    this.child.kill('SIGTERM');
    await this.gone;
    clearTimeout(force);
  }

  private call(name: Call['name'], args: number[]): Promise<unknown> {
    this.calls += 1;
    const message: Call = { call: this.calls, name, args };
    return new Promise((resolve, reject) => {
      this.waiting.set(message.call, { resolve, reject });
      if (this.child.connected) this.child.send(message);
      else reject(new Error(`${this.name} is gone.`));
    });
  }
}

export const stopAll = async (): Promise<void> => {
  await Promise.all([...running].map((server) => server.stop()));
};
