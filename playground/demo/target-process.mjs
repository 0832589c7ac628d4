/** Starts the SCIM application beside Strapi. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import readline from 'node:readline';
import { DemoError } from './progress.mjs';
import { keep } from './processes.mjs';
import { demo } from './paths.mjs';

/**
 * @typedef {object} TargetApp
 * @property {string} baseUrl
 * @property {string} token
 * @property {import('node:child_process').ChildProcess} child
 */

/**
 * @param {{ port?: number, token?: string }} [options]
 * @returns {Promise<TargetApp>}
 */
export const startTargetApp = async (options = {}) => {
  const token = options.token ?? randomBytes(24).toString('base64url');
  const env = { ...process.env, TARGET_APP_TOKEN: token, TARGET_APP_PORT: String(options.port ?? 0) };
  const child = keep(spawn(process.execPath, [path.join(demo, 'target-app.mjs')], { env, stdio: ['pipe', 'pipe', 'inherit'] }));
  const { stdout } = child;
  if (!stdout) throw new DemoError('The SCIM application has no output.');
  const first = await new Promise((resolve, reject) => {
    readline.createInterface({ input: stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new DemoError(`The SCIM application did not start (it ended with ${code}).`)));
  });
  return { baseUrl: JSON.parse(String(first)).baseUrl, token, child };
};
