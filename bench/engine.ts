/**
 * A full run of an outbound connection over all end users of a site, on SQLite: the first load, then nothing changed, then
 * one in a hundred changed; each with its requests, memory and event-loop delay.
 *
 *   node -r ./bench/typescript.cjs bench/engine.ts [--users 10000,100000] [--new 10000] [--target stand-in|scimmy] [--heap 256] [--profile]
 *
 * `--heap`: megabytes of heap that the site's process may use.
 * `--new`: of larger sites so many are loaded, the rest is linked beforehand; `all` loads everybody.
 */
import { fork, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createDatabase } from '../tests/helpers/databases';
import { startTargetApp } from '../tests/helpers/target-app';
import { engineReport, type SizeResult } from './engine/report';
import type { Job, Outcome } from './engine/site';

const HOOK = join(__dirname, 'typescript.cjs');

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '10000,100000' },
    new: { type: 'string', default: '10000' },
    target: { type: 'string', default: 'stand-in' },
    heap: { type: 'string', default: '256' },
    profile: { type: 'boolean', default: false },
  },
});

interface Target {
  baseUrl: string;
  token: string;
  stop(): Promise<void>;
}

async function startStandIn(): Promise<Target> {
  const child = spawn(process.execPath, ['-r', HOOK, join(__dirname, 'engine', 'stand-in.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  return {
    baseUrl: (JSON.parse(line) as { baseUrl: string }).baseUrl,
    token: 'none',
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

function inOwnProcess(job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, 'engine', 'site.ts'), [], {
      // So that memory shows what is needed, and not what nobody collected yet.
      execArgv: [`--max-old-space-size=${options.heap}`, '-r', HOOK],
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('message', (message: { outcome: Outcome } | { failed: string }) => ('outcome' in message ? resolve(message.outcome) : reject(new Error(message.failed))));
    child.once('exit', (code, signal) => reject(new Error(`The site ended with ${code ?? signal}.`)));
    child.send(job);
  });
}

async function measureSize(size: number): Promise<SizeResult> {
  const fresh = options.new === 'all' ? size : Math.min(size, Number(options.new));
  if (options.target === 'scimmy' && fresh < size) throw new Error('scimmy holds nobody beforehand: give --new all.');
  const target = options.target === 'scimmy' ? await startTargetApp() : await startStandIn();
  const database = await createDatabase('sqlite', tmpdir());
  try {
    const filled = await inOwnProcess({ kind: 'fill', databaseEnv: database.env, size, linked: size - fresh, target: { baseUrl: target.baseUrl, token: target.token } });
    if (!('connectionId' in filled)) throw new Error('Nothing was filled.');
    console.error(`${size} users filled`);
    const { connectionId } = filled;
    const ran = await inOwnProcess({ kind: 'run', databaseEnv: database.env, connectionId, targetOrigin: new URL(target.baseUrl).origin, isProfiled: options.profile, loads: fresh > 0 });
    if (!('measured' in ran)) throw new Error('Nothing was measured.');
    console.error(`${size} users measured`);
    return { size, fresh, measured: ran.measured };
  } finally {
    await target.stop();
    await database.drop();
  }
}

async function main(): Promise<void> {
  const results: SizeResult[] = [];
  for (const size of options.users.split(',').map(Number)) {
    results.push(await measureSize(size));
    // So far, in case a larger one is interrupted.
    console.log(`${engineReport(results, options.target, options.heap)}\n`);
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  }
);
