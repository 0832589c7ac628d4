/**
 * `npm test`: installs what is missing, then lint, types and every jest project. `npm test -- unit integration` runs
 * some. A suite that this machine cannot run is left out and named; with `--require-all` or CI=1 that is a failure.
 * `npm run test:full` (`--full`) runs every suite on every database, and the tests with sizes as large as they were meant.
 * The last line is `N passed, N failed, N skipped`; lint and types count as one each.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from '../playground/demo/install.mjs';
import { onSqliteOnly } from './helpers/databases-of-suites.mjs';
import { findProgram, mariadbMissing, postgresMissing, startMariadb, startPostgres } from './helpers/private-servers.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const output = path.join(root, 'tests', '.output');
const SUITES = ['lint', 'types', 'unit', 'contract', 'integration', 'faults', 'admin', 'e2e'];
const WITH_DATABASES = ['contract', 'integration', 'faults'];
/** Run once more on every other database, but for what databases-of-suites.mjs names. */
const ON_EVERY_DATABASE = ['contract', 'integration'];
const OPTIONS = ['--require-all', '--full'];

const args = process.argv.slice(2);
const chosen = args.filter((arg) => !arg.startsWith('--'));
const requireAll = args.includes('--require-all') || ['1', 'true'].includes(process.env.CI ?? '');
const full = args.includes('--full');
const wrong = [...chosen.filter((name) => !SUITES.includes(name)), ...args.filter((arg) => arg.startsWith('--') && !OPTIONS.includes(arg))];
const SUITE_LIMIT_MINUTES = full ? 300 : 10;

const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const notes = [];
/** @type {import('./helpers/private-servers.mjs').PrivateServer[]} */
const servers = [];
/** @type {import('node:child_process').ChildProcess | null} */
let current = null;

const say = (/** @type {string} */ text) => process.stdout.write(`${text}\n`);

/**
 * @param {string} suite
 * @param {string} reason
 */
const leaveOut = (suite, reason) => {
  notes.push(`left out: ${suite}: ${reason}`);
  say(`\n== ${suite}: left out: ${reason}`);
  if (requireAll) total.failed += 1;
  else total.skipped += 1;
};

/**
 * Runs a program with its output visible; ends it when it takes too long.
 * @param {string} command
 * @param {string[]} commandArgs
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<boolean>} whether it ended well
 */
const runs = (command, commandArgs, env) =>
  new Promise((resolve) => {
    const child = spawn(command, commandArgs, { cwd: root, stdio: 'inherit', env });
    current = child;
    const limit = setTimeout(() => {
      say(`Took longer than ${SUITE_LIMIT_MINUTES} minutes and was ended.`);
      child.kill('SIGKILL');
    }, SUITE_LIMIT_MINUTES * 60_000);
    const done = (/** @type {boolean} */ ok) => {
      clearTimeout(limit);
      current = null;
      resolve(ok);
    };
    child.once('error', (error) => {
      say(String(error));
      done(false);
    });
    child.once('exit', (code) => done(code === 0));
  });

/**
 * Each failed test by name with the first line of what it said: what a run prints above may be long, and cut.
 * @param {{ testResults: { name: string, message: string, assertionResults: { status: string, fullName: string, failureMessages: string[] }[] }[] } | null} result
 * @returns {string[]}
 */
const failures = (result) =>
  (result?.testResults ?? []).flatMap(({ name, message, assertionResults }) => {
    const file = path.relative(root, name);
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const lines = failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}: ${(failureMessages[0] ?? '').slice(0, 1_000)}`);
    // A file that could not be loaded has a message and no test.
    return lines.length === 0 && assertionResults.length === 0 && message ? [`${file}: ${message.slice(0, 1_000)}`] : lines;
  });

/** @param {string} suite */
const npmScript = async (suite) => {
  const ok = await runs('npm', ['run', '--silent', suite], process.env);
  total[ok ? 'passed' : 'failed'] += 1;
  if (!ok) notes.push(`failed: ${suite}`);
};

/** @type {(suite: string) => string[]} the files with tests of a suite */
const testFiles = (suite) => {
  const folder = path.join(root, 'tests', suite);
  const names = fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true }).map(String) : [];
  return names.filter((name) => /\.test\.tsx?$/.test(name)).map((name) => path.join(folder, name));
};

/**
 * Runs these files, each of which has to be among the results: none is lost without anybody knowing.
 * @param {string} suite
 * @param {string[]} files
 * @param {string} [database] `postgres` or `mysql`; SQLite where nothing is said
 */
const jest = async (suite, files, database) => {
  const outputFile = path.join(output, `${suite}${database ? `-${database}` : ''}.json`);
  fs.rmSync(outputFile, { force: true });
  const ok = await runs(
    process.execPath,
    [
      path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...['--selectProjects', suite, '--json', '--outputFile', outputFile, '--maxWorkers', '2', '--runTestsByPath'],
      ...files,
    ],
    { ...process.env, NODE_ENV: 'test', ...(database ? { TEST_DATABASE: database } : {}), ...(full ? { TEST_FULL: '1' } : {}) }
  );
  const result = fs.existsSync(outputFile) ? JSON.parse(fs.readFileSync(outputFile, 'utf8')) : null;
  const lost = files.length - (result?.numTotalTestSuites ?? 0);
  const failed = result ? result.numFailedTests + result.numRuntimeErrorTestSuites + lost : 0;
  total.passed += result?.numPassedTests ?? 0;
  total.skipped += (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0);
  // A run that ended badly without naming a test is a failure too.
  total.failed += ok ? failed : Math.max(failed, 1);
  const on = `${suite}${database ? ` on ${database}` : ''}`;
  if (!ok) notes.push(`failed: ${on}`, ...failures(result));
  if (lost > 0) notes.push(`failed: ${on}: ${lost} of ${files.length} files were not run`);
};

/** @returns {string | null} */
const chromium = () => process.env.CHROMIUM_PATH || findProgram('chromium', ['/usr/bin']);

/**
 * Databases beside SQLite: those of the environment, else servers of our own.
 * @returns {Promise<void>}
 */
const prepareDatabases = async () => {
  const kinds = /** @type {const} */ ([
    { name: 'PostgreSQL', variable: 'TEST_PG_URL', missing: postgresMissing, start: startPostgres },
    { name: 'MariaDB', variable: 'TEST_MYSQL_URL', missing: mariadbMissing, start: startMariadb },
  ]);
  for (const { name, variable, missing, start } of kinds) {
    if (process.env[variable]) continue;
    const suite = `integration on ${name}`;
    const reason = missing();
    if (reason) {
      leaveOut(suite, reason);
      continue;
    }
    say(`\n== starting ${name} for the tests`);
    try {
      const server = await start();
      servers.push(server);
      process.env[variable] = server.url;
    } catch (error) {
      leaveOut(suite, error instanceof Error ? error.message : String(error));
    }
  }
};

/** @param {string} suite */
const runSuite = async (suite) => {
  if (suite === 'lint' || suite === 'types') {
    say(`\n== ${suite}`);
    return npmScript(suite);
  }
  const files = testFiles(suite);
  if (files.length === 0) {
    notes.push(`left out: ${suite}: has no tests yet`);
    return undefined;
  }
  if (suite === 'e2e') {
    const browser = chromium();
    if (!browser || !fs.existsSync(browser)) return leaveOut(suite, 'Chromium is not installed and CHROMIUM_PATH is not set');
    process.env.CHROMIUM_PATH = browser;
  }
  if (WITH_DATABASES.includes(suite)) await databases();
  say(`\n== ${suite}`);
  await jest(suite, files);
  if (!ON_EVERY_DATABASE.includes(suite)) return undefined;
  const sqliteOnly = full ? [] : onSqliteOnly(path.join(root, 'tests'), suite);
  if (sqliteOnly.length > 0) notes.push(`on SQLite only: ${sqliteOnly.length} of ${files.length} suites of ${suite}, which show no SQL (tests/helpers/databases-of-suites.mjs); npm run test:full runs them on every database`);
  for (const [variable, database] of /** @type {const} */ ([['TEST_PG_URL', 'postgres'], ['TEST_MYSQL_URL', 'mysql']])) {
    if (!process.env[variable]) continue;
    say(`\n== ${suite} on ${database}`);
    await jest(suite, files.filter((file) => !sqliteOnly.includes(file)), database);
  }
};

/** @type {Promise<void> | null} */
let preparing = null;
const databases = () => (preparing ??= prepareDatabases());

const cleanUp = async () => {
  for (const server of servers.splice(0)) await server.stop();
};

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, async () => {
    current?.kill(signal);
    await cleanUp();
    process.exit(1);
  });
}

const main = async () => {
  if (wrong.length > 0) {
    say(`Unknown: ${wrong.join(' ')}. Suites: ${SUITES.join(', ')}; options: ${OPTIONS.join(', ')}.`);
    total.failed += 1;
    return;
  }
  await install();
  fs.mkdirSync(output, { recursive: true });
  for (const suite of SUITES.filter((name) => chosen.length === 0 || chosen.includes(name))) await runSuite(suite);
};

try {
  await main();
} catch (error) {
  total.failed += 1;
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await cleanUp();
}
say('');
for (const note of notes) say(note);
say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
