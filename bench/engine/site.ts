/** A Strapi of bench/engine.ts, in a process of its own: what filled it must not count as its memory. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TestDatabase } from '../../tests/helpers/databases';
import { boot, fill, type Filling } from './fill';
import { measure, type Measured } from './measure';

export type Job = { databaseEnv: Record<string, string> } & (({ kind: 'fill' } & Filling) | { kind: 'run'; connectionId: number; targetOrigin: string; isProfiled: boolean; loads: boolean });
export type Outcome = { connectionId: number } | { measured: Measured[] };

/** One in a hundred has another address, behind the plugin's back, so that only a run finds it. */
const CHANGED = 100;

async function work(job: Job): Promise<Outcome> {
  const database: TestDatabase = {
    client: 'sqlite',
    env: job.databaseEnv,
    drop: async () => rmSync(dirname(job.databaseEnv.TEST_DATABASE_FILENAME ?? ''), { recursive: true, force: true }),
  };
  if (job.kind === 'fill') return { connectionId: await fill(database, job) };
  const booted = await boot(database);
  await booted.adminToken();
  const run = (title: string): Promise<Measured> => measure(booted, job.connectionId, title, job.targetOrigin, job.isProfiled);
  const measured: Measured[] = [];
  if (job.loads) measured.push(await run('first load'));
  measured.push(await run('nothing changed'));
  await booted.strapi.db.connection.raw(`update up_users set email = 'new-' || email where id % ${CHANGED} = 0`);
  measured.push(await run('1 % changed'));
  await booted.stop({ keepDatabase: true });
  return { measured };
}

process.once('message', (job: Job) => {
  work(job).then(
    (outcome) => process.send?.({ outcome }, () => process.exit(0)),
    (error: unknown) => process.send?.({ failed: error instanceof Error ? error.stack : String(error) }, () => process.exit(1))
  );
});
process.on('disconnect', () => process.exit(1));
