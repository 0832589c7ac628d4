/** A Strapi site whose process is killed and started again on the same data, as its admin and its crash see it. */
import { NO_LIMITS } from '../helpers/guard';
import { join } from 'node:path';
import type { ConnectionInfo, ConnectionInput, ConnectionWithToken } from '../../server/src/contracts/connection';
import { createDatabase, type DatabaseClient, type TestDatabase } from '../helpers/databases';
import { SUPER_ADMIN } from '../helpers/strapi';
import { startStrapiProcess, type ProcessOptions, type StrapiProcess } from '../helpers/strapi-process';
import { eventually } from '../helpers/wait';
import { ARMED, COMMAND_PATH, type Command, type CrashPoint } from './commands';

const HOOK = join(__dirname, 'hook.ts');

export interface Answer {
  status: number;
  body: unknown;
}

export interface Send {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  token?: string;
}

/** The process ended before it answered: what was asked for may have happened or not. */
export class Unanswered extends Error {}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export class Site {
  private running: StrapiProcess | null = null;
  private adminToken: string | null = null;

  private constructor(
    private readonly database: TestDatabase,
    /** Of every start that names no other. */
    private readonly config: ProcessOptions['config']
  ) {}

  static async open(config?: ProcessOptions['config'], client?: DatabaseClient): Promise<Site> {
    const site = new Site(await createDatabase(client), config);
    await site.start();
    return site;
  }

  /** Another instance of the same site. Closed before the first one, which owns the database. */
  async another(): Promise<Site> {
    const { env, client } = this.database;
    const site = new Site({ client, env, drop: async () => undefined }, this.config);
    await site.start();
    return site;
  }

  /** For example http://127.0.0.1:40123; another one after each start. */
  get origin(): string {
    return this.process().origin;
  }

  async close(): Promise<void> {
    await this.running?.kill('SIGKILL');
    await this.database.drop();
  }

  async start(options: Pick<ProcessOptions, 'config'> & { armed?: CrashPoint } = {}): Promise<void> {
    const config = options.config ?? this.config;
    this.running = await startStrapiProcess({
      database: this.database,
      ...(config ? { config } : {}),
      env: { TEST_STRAPI_HOOK: HOOK, ...(options.armed ? { [ARMED]: options.armed } : {}) },
    });
  }

  async kill(): Promise<void> {
    await this.process().kill('SIGKILL');
  }

  /** Waits for the process to end at the crash point that was armed; fails if it never gets there. */
  async died(): Promise<void> {
    const { pid } = this.process();
    await eventually(async () => isAlive(pid), (alive) => !alive);
  }

  /** Running, with no crash point armed. */
  async disarm(): Promise<void> {
    if (isAlive(this.process().pid)) await this.command({ do: 'arm', point: null });
    else await this.start();
  }

  /** Throws Unanswered when the process ends in between. */
  async send({ method, path, body, token }: Send): Promise<Answer> {
    let response: Response;
    let answered: string;
    try {
      response = await fetch(`${this.process().origin}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': path.includes('/scim/v2') ? 'application/scim+json' : 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      answered = await response.text();
    } catch (cause) {
      throw new Unanswered(`${method} ${path}: no answer`, { cause });
    }
    return { status: response.status, body: answered === '' ? null : JSON.parse(answered) };
  }

  /** As the super admin, who is made by the first call. */
  async asAdmin(send: Send): Promise<Answer> {
    this.adminToken ??= await this.signIn();
    return this.send({ ...send, token: this.adminToken });
  }

  /** As the super admin; anything but success fails. Answers what stands under `data`, or the whole body. */
  async admin<T>(send: Send): Promise<T> {
    const { status, body } = await this.asAdmin(send);
    if (status >= 300) throw new Error(`${send.method} ${send.path}: ${status} ${JSON.stringify(body)}`);
    const wrapped = body as { data?: unknown } | null;
    return (wrapped !== null && 'data' in wrapped ? wrapped.data : body) as T;
  }

  async command<T>(command: Command): Promise<T> {
    const { status, body } = await this.send({ method: 'POST', path: COMMAND_PATH, body: command });
    if (status !== 200) throw new Error(`${JSON.stringify(command)}: ${status} ${JSON.stringify(body)}`);
    return (body as { result: T }).result;
  }

  /** A new connection; an outbound one gets everybody there is. */
  async connect(input: ConnectionInput): Promise<ConnectionWithToken> {
    const made = await this.admin<ConnectionWithToken>({ method: 'POST', path: '/user-provisioning/connections', body: { guard: NO_LIMITS, ...input } });
    const { id, direction } = made.connection;
    if (direction === 'outbound') await this.admin({ method: 'POST', path: `/user-provisioning/connections/${id}/provision-all` });
    return made;
  }

  /** Until the sweep at boot is through and no connection has anything left to deliver. */
  async settled(deadlineMs = 30_000): Promise<void> {
    await this.command({ do: 'await-sweep' });
    await eventually(
      async () => (await this.admin<ConnectionInfo[]>({ method: 'GET', path: '/user-provisioning/connections' })).flatMap((item) => item.delivery ?? []),
      (deliveries) => deliveries.every(({ pending }) => pending === 0),
      deadlineMs
    );
  }

  private process(): StrapiProcess {
    if (this.running === null) throw new Error('The site was not started.');
    return this.running;
  }

  private async signIn(): Promise<string> {
    const init = (await this.send({ method: 'GET', path: '/admin/init' })).body as { data: { hasAdmin: boolean } };
    const answer = init.data.hasAdmin
      ? await this.send({ method: 'POST', path: '/admin/login', body: SUPER_ADMIN })
      : await this.send({ method: 'POST', path: '/admin/register-admin', body: { firstname: 'Root', lastname: 'Test', ...SUPER_ADMIN } });
    const token = (answer.body as { data?: { token?: unknown } }).data?.token;
    if (typeof token !== 'string') throw new Error(`The super admin could not sign in: ${answer.status} ${JSON.stringify(answer.body)}`);
    return token;
  }
}
