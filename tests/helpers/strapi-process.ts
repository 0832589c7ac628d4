/** A Strapi in a process of its own, for tests that end it at any instruction: kill -9 and start again on the same data. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { BootOptions } from './strapi';
import type { TestDatabase } from './databases';

const SCRIPT = join(__dirname, 'strapi-child.cjs');

export interface StrapiProcess {
  /** For example http://127.0.0.1:40123. */
  origin: string;
  pid: number;
  /** `SIGKILL` ends it at once, `SIGTERM` in order. Answers when it is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

export interface ProcessOptions extends Pick<BootOptions, 'config'> {
  database: TestDatabase;
  env?: Record<string, string>;
}

export const startStrapiProcess = async ({ database, config, env }: ProcessOptions): Promise<StrapiProcess> => {
  const child = fork(SCRIPT, [], {
    env: {
      ...process.env,
      ...database.env,
      NODE_ENV: 'test',
      STRAPI_TELEMETRY_DISABLED: 'true',
      STRAPI_DISABLE_UPDATE_NOTIFICATION: 'true',
      TEST_STRAPI_CONFIG: JSON.stringify(config ?? {}),
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { origin } = await new Promise<{ origin: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { origin: string }));
    child.once('exit', (code, signal) => reject(new Error(`Strapi ended with ${code ?? signal} before it was ready.`)));
  });
  return {
    origin,
    pid: child.pid ?? 0,
    async kill(signal) {
      child.kill(signal);
      await gone;
    },
  };
};
