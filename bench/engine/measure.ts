/** One run of the engine, as an admin starts it, and what it took. */
import { channel } from 'node:diagnostics_channel';
import { Session, type Profiler } from 'node:inspector';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RunInfo } from '../../server/src/contracts/run';
import { adminApi } from '../../tests/helpers/connections';
import type { BootedStrapi } from '../../tests/helpers/strapi';
import { TABLES } from '../../server/src/models';
import { shares, type Share } from '../profile';

export interface Measured {
  title: string;
  people: number;
  /** Operations that were done. */
  done: number;
  seconds: number;
  /** Processor time of the site's process: what it would take on a quiet machine, at most. */
  cpuSeconds: number;
  requests: number;
  /** Resident memory in MB: before, and the most seen. */
  rssBefore: number;
  rssPeak: number;
  /** Event-loop delay in milliseconds. */
  p99: number;
  max: number;
  profile: Share[] | null;
}

const POLL_MS = 500;
const SAMPLE_MS = 50;
const RESOLUTION_MS = 5;
const MB = 2 ** 20;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** After a start there is work in the background, which is not to be measured. */
export async function quiet(): Promise<void> {
  for (let calm = 0; calm < 3; ) {
    const before = process.cpuUsage();
    await pause(500);
    const { user, system } = process.cpuUsage(before);
    calm = user + system < 50_000 ? calm + 1 : 0;
  }
}

export async function measure(booted: BootedStrapi, connectionId: number, title: string, targetOrigin: string, isProfiled: boolean): Promise<Measured> {
  await quiet();
  let requests = 0;
  const count = (message: unknown): void => {
    if (String((message as { request: { origin: unknown } }).request.origin) === targetOrigin) requests += 1;
  };
  channel('undici:request:create').subscribe(count);
  const rssBefore = process.memoryUsage.rss();
  let rssPeak = rssBefore;
  const sampler = setInterval(() => {
    rssPeak = Math.max(rssPeak, process.memoryUsage.rss());
  }, SAMPLE_MS);
  const profiler = isProfiled ? startProfiler() : null;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const cpuBefore = process.cpuUsage();
  const { status, data: started, error } = await adminApi<RunInfo>(booted, 'post', `/connections/${connectionId}/runs`, {});
  if (status !== 202) throw new Error(`The run was refused: ${status} ${JSON.stringify(error)}`);
  // Not by the API: it counts the items of the run each time, which is not to be measured.
  const isOver = async (): Promise<boolean> => {
    const row = (await booted.strapi.db.connection(TABLES.runs).where({ id: started.id }).first('state')) as { state: string } | undefined;
    return row?.state !== 'planning' && row?.state !== 'applying';
  };
  while (!(await isOver())) await pause(POLL_MS);
  delay.disable();
  const { user, system } = process.cpuUsage(cpuBefore);
  const profile = profiler === null ? null : await profiler();
  clearInterval(sampler);
  channel('undici:request:create').unsubscribe(count);
  const run = (await adminApi<RunInfo>(booted, 'get', `/runs/${started.id}`)).data;
  if (run.state !== 'done' || run.finishedAt === null) throw new Error(`The run is ${run.state}: ${run.reasons.join(' ')}`);
  const behind = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
  return {
    title,
    people: run.counts.examined,
    done: run.items.done,
    seconds: (Date.parse(run.finishedAt) - Date.parse(run.createdAt)) / 1_000,
    cpuSeconds: (user + system) / 1e6,
    requests,
    rssBefore: rssBefore / MB,
    rssPeak: rssPeak / MB,
    p99: behind(delay.percentile(99)),
    max: behind(delay.max),
    profile,
  };
}

function startProfiler(): () => Promise<Share[]> {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.start');
  return () =>
    new Promise((resolve, reject) => {
      session.post('Profiler.stop', (error: Error | null, { profile }: { profile: Profiler.Profile }) => (error ? reject(error) : resolve(shares(profile))));
    });
}
