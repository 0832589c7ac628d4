/** Starts the playground as a process of its own and waits until it answers. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { DemoError } from './progress.mjs';
import { keep, until } from './processes.mjs';
import { isFree } from './ports.mjs';
import { demo, playground, root, scratch } from './paths.mjs';

/**
 * @typedef {object} RunningStrapi
 * @property {string} origin for example http://127.0.0.1:1337
 * @property {string} logFile
 * @property {import('node:child_process').ChildProcess} child
 */

const STARTUP_DEADLINE_MS = 180_000;

/** The committed placeholders; a variable that is set wins. */
const placeholders = () =>
  Object.fromEntries(
    fs
      .readFileSync(path.join(playground, '.env.example'), 'utf8')
      .split('\n')
      .filter((line) => /^[A-Z_]+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  );

/** Whether the caller chose a database; otherwise the demo uses a SQLite file of its own, new in every run. */
export const ownDatabaseChosen = () =>
  ['DATABASE_CLIENT', 'DATABASE_URL', 'DATABASE_FILENAME', 'DATABASE_HOST'].some((name) => process.env[name]);

/** @param {number} port */
const freshDatabase = (port) => {
  const file = path.join(scratch, `demo-${port}.db`);
  for (const name of fs.readdirSync(scratch)) {
    if (name.startsWith(path.basename(file))) fs.rmSync(path.join(scratch, name), { force: true, recursive: true });
  }
  return file;
};

/** @param {string} file */
const lastLines = (file) => fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-30).join('\n');

/**
 * @param {{ port: number }} options
 * @returns {Promise<RunningStrapi>}
 */
export const startStrapi = async ({ port }) => {
  const host = process.env.HOST ?? '127.0.0.1';
  if (!(await isFree(port, host))) {
    throw new DemoError(`Port ${port} is taken. Stop what listens there, or choose another: PORT=${port + 1} npm run demo`);
  }
  fs.mkdirSync(scratch, { recursive: true });
  const origin = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
  const logFile = path.join(scratch, `strapi-${port}.log`);
  const log = fs.openSync(logFile, 'w');
  const env = {
    STRAPI_TELEMETRY_DISABLED: 'true',
    PUBLIC_URL: origin,
    ...placeholders(),
    ...(ownDatabaseChosen() ? {} : { DATABASE_CLIENT: 'sqlite', DATABASE_FILENAME: freshDatabase(port) }),
    ...process.env,
    NODE_ENV: 'production',
    HOST: host,
    PORT: String(port),
  };
  const child = keep(
    spawn(
      process.execPath,
      ['--require', path.join(demo, 'end-with-parent.cjs'), path.join(root, 'node_modules/@strapi/strapi/bin/strapi.js'), 'start'],
      { cwd: playground, env, stdio: ['ignore', log, log, 'ipc'] }
    )
  );
  fs.closeSync(log);

  await until(
    async () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new DemoError(`Strapi ended before it was ready. Its last lines (${logFile}):\n${lastLines(logFile)}`);
      }
      return fetch(`${origin}/_health`).then(
        (response) => (response.status === 204 ? true : null),
        () => null
      );
    },
    {
      deadlineMs: STARTUP_DEADLINE_MS,
      onTimeout: () => new DemoError(`Strapi was not ready after ${STARTUP_DEADLINE_MS / 1000} s. Its last lines:\n${lastLines(logFile)}`),
    }
  );
  return { origin, logFile, child };
};
