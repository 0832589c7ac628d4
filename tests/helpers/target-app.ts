/**
 * The SCIM application that the demo provisions (scimmy, not written by us), as a process of its own: scimmy keeps its
 * state per process, so that two tests in one process would share it.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface TargetApp {
  /** SCIM base URL. */
  baseUrl: string;
  token: string;
  port: number;
  /** Sends a SCIM request to the application, as an observer would. */
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: TargetBody }>;
  users(): Promise<TargetUser[]>;
  /** Ends the process. Whatever it stored is gone. */
  stop(): Promise<void>;
}

export interface TargetUser {
  id: string;
  userName: string;
  externalId?: string;
  active?: boolean;
  emails?: { value: string; type?: string; primary?: boolean }[];
  [attribute: string]: unknown;
}

export interface TargetBody {
  totalResults?: number;
  Resources?: TargetUser[];
  [attribute: string]: unknown;
}

const SCRIPT = join(__dirname, '..', '..', 'playground', 'demo', 'target-app.mjs');

export const startTargetApp = async (options: { port?: number; token?: string } = {}): Promise<TargetApp> => {
  const token = options.token ?? randomBytes(24).toString('base64url');
  const child = spawn(process.execPath, [SCRIPT], {
    env: { ...process.env, TARGET_APP_TOKEN: token, TARGET_APP_PORT: String(options.port ?? 0) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const first = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`The target application ended with ${code} before it was ready.`)));
  });
  const { baseUrl } = JSON.parse(first) as { baseUrl: string };

  const request: TargetApp['request'] = async (method, path, body) => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text ? (JSON.parse(text) as TargetBody) : {} };
  };

  return {
    baseUrl,
    token,
    port: Number(new URL(baseUrl).port),
    request,
    async users() {
      const found: TargetUser[] = [];
      for (;;) {
        const { body } = await request('GET', `/Users?startIndex=${found.length + 1}&count=200`);
        const page = body.Resources ?? [];
        found.push(...page);
        if (page.length === 0 || found.length >= (body.totalResults ?? 0)) return found;
      }
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
};
