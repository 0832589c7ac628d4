/** Installs the dependencies when they are missing or not those of the lockfile. Node builtins only. */
import fs from 'node:fs';
import path from 'node:path';
import { during } from './progress.mjs';
import { run } from './processes.mjs';
import { root } from './paths.mjs';

/** @param {string} file */
const packagesOf = (file) => JSON.parse(fs.readFileSync(file, 'utf8')).packages ?? {};

/**
 * A sentence that says why an installation is needed; null when it is not.
 * @returns {string | null}
 */
export const reasonToInstall = () => {
  const installedFile = path.join(root, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(installedFile)) return 'node_modules is missing';
  const installed = packagesOf(installedFile);
  for (const [name, wanted] of Object.entries(packagesOf(path.join(root, 'package-lock.json')))) {
    if (!name.includes('node_modules/') || wanted.link) continue;
    const present = installed[name];
    // Optional packages for other platforms are in the lockfile and never installed here.
    if (!present && (wanted.optional || wanted.devOptional || wanted.peer)) continue;
    if (present?.version !== wanted.version) return `${name.replace(/^.*node_modules\//, '')} is not the locked version`;
  }
  return null;
};

export const install = async () => {
  const reason = reasonToInstall();
  if (!reason) return;
  await during(`npm ci (${reason}; compiles SQLite, this takes some minutes)`, () =>
    run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root })
  );
};
