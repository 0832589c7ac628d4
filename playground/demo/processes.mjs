/** Child processes: run to the end, or keep and stop by pid. */
import { spawn } from 'node:child_process';
import readline from 'node:readline';
import { DemoError } from './progress.mjs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** Of a failed command's output, the beginning names the cause with npm, the end with compilers. */
const KEPT_LINES = 20;

/** @type {Set<ChildProcess>} */
const running = new Set();

/**
 * @param {ChildProcess} child
 * @returns {Promise<void>}
 */
const ended = (child) =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/**
 * @param {ChildProcess} child
 * @returns {ChildProcess}
 */
export const keep = (child) => {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
};

/**
 * Runs a command; its output is shown only if it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>}
 */
export const run = async (command, args, options) => {
  const child = keep(spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] }));
  /** @type {string[]} */
  const first = [];
  /** @type {string[]} */
  let last = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    readline.createInterface({ input: stream }).on('line', (line) => {
      if (line.startsWith('npm warn')) return;
      if (first.length < KEPT_LINES) first.push(line);
      else last = [...last, line].slice(-KEPT_LINES);
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new DemoError(`${command} could not be started: ${error.message}`)));
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  if (code !== 0) {
    throw new DemoError(`${[command, ...args].join(' ')} ended with ${code}:\n${[...first, ...last].join('\n').trim()}`);
  }
};

/**
 * Stops one child: SIGTERM first, SIGKILL when it has not ended after the grace period.
 * @param {ChildProcess} child
 * @param {number} [graceMs]
 */
export const stop = async (child, graceMs = 15000) => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const insist = setTimeout(() => child.kill('SIGKILL'), graceMs);
  child.kill('SIGTERM');
  await ended(child);
  clearTimeout(insist);
};

/** Stops what this process started, the youngest first. */
export const stopAll = async () => {
  for (const child of [...running].reverse()) await stop(child);
};

/**
 * Waits until `probe` answers something other than null.
 * @template T
 * @param {() => Promise<T | null>} probe
 * @param {{ deadlineMs: number, everyMs?: number, onTimeout: () => Error }} options
 * @returns {Promise<T>}
 */
export const until = async (probe, { deadlineMs, everyMs = 200, onTimeout }) => {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await probe();
    if (answer !== null) return answer;
    if (Date.now() > end) throw onTimeout();
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
