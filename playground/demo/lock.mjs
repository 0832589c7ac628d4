/** One build at a time in this checkout: a file that only one process can make, with the pid of its owner in it. */
import fs from 'node:fs';
import path from 'node:path';
import { DemoError, say } from './progress.mjs';
import { until } from './processes.mjs';
import { stamps } from './paths.mjs';

const DEADLINE_MS = 10 * 60_000;

/** @param {number} pid */
const lives = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export const alone = async (work) => {
  fs.mkdirSync(stamps, { recursive: true });
  const file = path.join(stamps, 'build.pid');
  let told = false;
  await until(
    async () => {
      try {
        fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
        return true;
      } catch {
        const owner = Number(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : 0);
        if (owner && !lives(owner)) fs.rmSync(file, { force: true });
        else if (!told) say(`- waiting for another build (process ${owner})`);
        told = true;
        return null;
      }
    },
    { deadlineMs: DEADLINE_MS, onTimeout: () => new DemoError(`Another build still runs. If not, delete ${file}.`) }
  );
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
};
