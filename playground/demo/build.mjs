/** Builds the plugin and the playground when their inputs changed since the last build. Node builtins only. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { alone } from './lock.mjs';
import { during } from './progress.mjs';
import { run } from './processes.mjs';
import { playground, root, stamps } from './paths.mjs';

const SKIPPED = new Set(['node_modules', 'dist', '.cache', '.tmp', '.strapi', 'coverage', 'public', 'demo', 'types']);

/**
 * @param {string} start file or folder
 * @returns {string[]} files, sorted
 */
const filesOf = (start) => {
  if (!fs.existsSync(start)) return [];
  if (fs.statSync(start).isFile()) return [start];
  return fs
    .readdirSync(start, { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name) && !entry.name.startsWith('.'))
    .flatMap((entry) => filesOf(path.join(start, entry.name)))
    .sort();
};

/** @param {string[]} starts */
const fingerprint = (starts) => {
  const hash = createHash('sha256').update(process.version);
  for (const file of starts.flatMap(filesOf)) {
    hash.update(path.relative(root, file)).update('\0').update(fs.readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
};

/**
 * @typedef {object} Build
 * @property {string} name
 * @property {string} title
 * @property {() => string[]} inputs
 * @property {() => string[]} outputs all must exist; a change of theirs from outside means a new build
 * @property {() => Promise<void>} make
 */

/** Tools are run by this Node, not by whatever `npx` finds. */
const tool = (/** @type {string} */ file) => path.join(root, 'node_modules', ...file.split('/'));

/** @type {Build} */
const plugin = {
  name: 'plugin',
  title: 'building the plugin',
  inputs: () =>
    ['server', 'admin', 'strapi-server.ts', 'package.json', 'package-lock.json', 'tsconfig.json'].map((name) => path.join(root, name)),
  outputs: () => ['dist/server/index.js', 'dist/admin/index.mjs'].map((name) => path.join(root, name)),
  make: () => run(process.execPath, [tool('@strapi/sdk-plugin/bin/strapi-plugin.js'), 'build'], { cwd: root }),
};

/** @type {Build} */
const panel = {
  name: 'playground',
  title: 'building the admin panel of the playground',
  inputs: () => [playground, path.join(root, 'dist', 'admin'), path.join(root, 'package-lock.json')].flatMap(inside),
  outputs: () => ['dist/build/index.html', 'dist/config/plugins.js'].map((name) => path.join(playground, name)),
  make: () =>
    run(process.execPath, [tool('@strapi/strapi/bin/strapi.js'), 'build'], {
      cwd: playground,
      // No address is built in, so that the panel works on every port.
      env: { ...process.env, NODE_ENV: 'production', PUBLIC_URL: '', STRAPI_TELEMETRY_DISABLED: 'true' },
    }),
};

/** `dist` is skipped inside folders but is an input of the panel: its content is named one by one. */
const inside = (/** @type {string} */ start) =>
  path.basename(path.dirname(start)) === 'dist' && fs.existsSync(start)
    ? fs.readdirSync(start).map((name) => path.join(start, name))
    : [start];

/**
 * @param {Build} build
 * @returns {Promise<boolean>} whether something was built
 */
const buildIfNeeded = async (build) => {
  const stampFile = path.join(stamps, `${build.name}.json`);
  const inputs = fingerprint(build.inputs());
  const complete = () => build.outputs().every((file) => fs.existsSync(file));
  const stamp = fs.existsSync(stampFile) ? JSON.parse(fs.readFileSync(stampFile, 'utf8')) : {};
  if (complete() && stamp.inputs === inputs && stamp.outputs === fingerprintOf(build.outputs())) return false;

  await during(build.title, build.make);
  if (!complete()) throw new Error(`${build.title}: the build ended well but did not write ${build.outputs().join(', ')}`);
  fs.mkdirSync(stamps, { recursive: true });
  fs.writeFileSync(stampFile, JSON.stringify({ inputs, outputs: fingerprintOf(build.outputs()) }));
  return true;
};

/** @param {string[]} files */
const fingerprintOf = (files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(fs.readFileSync(file));
  return hash.digest('hex');
};

export const buildAll = () =>
  alone(async () => {
    await buildIfNeeded(plugin);
    await buildIfNeeded(panel);
  });
