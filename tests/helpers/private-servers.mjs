/**
 * Database servers for one test run: an own PostgreSQL cluster and an own MariaDB on free loopback ports, in a temporary
 * folder, stopped by pid and deleted at the end. Nothing that already runs on the machine is touched.
 */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { freePort } from '../../playground/demo/ports.mjs';
import { until } from '../../playground/demo/processes.mjs';
import { tempRoot } from './temp-root.cjs';

/**
 * @typedef {object} PrivateServer
 * @property {string} url
 * @property {() => Promise<void>} stop
 */

const DEADLINE_MS = 60_000;

/**
 * @param {string} name
 * @param {string[]} [folders] looked into after PATH
 * @returns {string | null}
 */
export const findProgram = (name, folders = []) =>
  [...(process.env.PATH ?? '').split(path.delimiter), ...folders].map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file)) ?? null;

/** Folders of Debian's PostgreSQL packages, which are not in PATH; the newest first. */
const postgresFolders = () => {
  const base = '/usr/lib/postgresql';
  return fs.existsSync(base)
    ? fs
        .readdirSync(base)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => path.join(base, version, 'bin'))
    : [];
};

/**
 * Database servers refuse to run as root: then they run as the user that their package made.
 * @param {string} user
 * @returns {{ uid: number, gid: number } | undefined}
 */
const runAs = (user) => {
  if (process.getuid?.() !== 0) return undefined;
  const id = (/** @type {string} */ flag) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }).trim());
  return { uid: id('-u'), gid: id('-g') };
};

/**
 * @param {string} prefix
 * @param {{ uid: number, gid: number } | undefined} owner
 */
const folderOf = (prefix, owner) => {
  const folder = fs.mkdtempSync(path.join(tempRoot(), prefix));
  if (owner) fs.chownSync(folder, owner.uid, owner.gid);
  return folder;
};

/**
 * @param {object} server
 * @param {string} server.name
 * @param {string} server.program
 * @param {string[]} server.args
 * @param {string} server.folder
 * @param {{ uid: number, gid: number } | undefined} server.owner
 * @param {string} server.url
 * @param {() => void} server.probe throws until the server answers
 * @param {NodeJS.Signals} server.signal
 * @returns {Promise<PrivateServer>}
 */
const start = async ({ name, program, args, folder, owner, url, probe, signal }) => {
  const logFile = path.join(folder, 'server.log');
  const log = fs.openSync(logFile, 'w');
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', log, log], ...owner });
  fs.closeSync(log);
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const problem = (/** @type {string} */ what) => new Error(`${name} ${what}:\n${fs.readFileSync(logFile, 'utf8').slice(-2000)}`);
  try {
    await until(
      async () => {
        if (child.exitCode !== null) throw problem('ended before it was ready');
        try {
          probe();
          return true;
        } catch {
          return null;
        }
      },
      { deadlineMs: DEADLINE_MS, onTimeout: () => problem(`was not ready after ${DEADLINE_MS / 1000} s`) }
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
};

/** @type {(file: string, args: string[], options?: object) => void} */
const quietly = (file, args, options = {}) => {
  execFileSync(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
};

/** @returns {string | null} why PostgreSQL cannot be started here; null when it can */
export const postgresMissing = () =>
  findProgram('initdb', postgresFolders()) && findProgram('pg_isready', postgresFolders())
    ? null
    : 'PostgreSQL is not installed (no initdb) and TEST_PG_URL is not set';

/** @returns {Promise<PrivateServer>} */
export const startPostgres = async () => {
  const program = (/** @type {string} */ name) => findProgram(name, postgresFolders()) ?? name;
  const owner = runAs('postgres');
  const folder = folderOf('up-postgres-', owner);
  const data = path.join(folder, 'data');
  const port = await freePort();
  quietly(program('initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], { cwd: folder, ...owner });
  return start({
    name: 'PostgreSQL',
    program: program('postgres'),
    args: ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'fsync=off', '-c', 'max_connections=200'],
    folder,
    owner,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    probe: () => quietly(program('pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]),
    // Fast shutdown: ends sessions, then stops.
    signal: 'SIGINT',
  });
};

/** @returns {string | null} why MariaDB cannot be started here; null when it can */
export const mariadbMissing = () =>
  findProgram('mariadbd', ['/usr/sbin']) && findProgram('mariadb-install-db')
    ? null
    : 'MariaDB is not installed (no mariadbd) and TEST_MYSQL_URL is not set';

/** @returns {Promise<PrivateServer>} */
export const startMariadb = async () => {
  const owner = runAs('mysql');
  const folder = folderOf('up-mariadb-', owner);
  const data = path.join(folder, 'data');
  const socket = path.join(folder, 'server.sock');
  const port = await freePort();
  quietly(
    findProgram('mariadb-install-db') ?? 'mariadb-install-db',
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { cwd: folder, ...owner }
  );
  return start({
    name: 'MariaDB',
    program: findProgram('mariadbd', ['/usr/sbin']) ?? 'mariadbd',
    args: ['--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${socket}`, '--innodb-flush-log-at-trx-commit=0', '--innodb-flush-method=fsync', '--innodb-use-native-aio=0'],
    folder,
    owner,
    url: `mysql://root@127.0.0.1:${port}/mysql`,
    probe: () => quietly(findProgram('mariadb-admin') ?? 'mariadb-admin', ['--no-defaults', `--socket=${socket}`, '-u', 'root', 'ping']),
    signal: 'SIGTERM',
  });
};
