/** What bench/engine.ts found, as Markdown to be pasted into docs/performance.md. */
import { machine, rate, table } from '../report';
import type { Measured } from './measure';

export interface SizeResult {
  size: number;
  /** So many were loaded; the rest was linked beforehand. */
  fresh: number;
  measured: Measured[];
}

const HEAD = ['end users', 'run', 'seconds', 'users per second', 'processor ms per user', 'written', 'requests', 'memory before / peak, MB', 'event loop p99 / max, ms'];

const number = (value: number): string => value.toLocaleString('en');

export function engineReport(results: SizeResult[], target: string, heap: string): string {
  const rows = results.flatMap(({ size, fresh, measured }) =>
    measured.map((run) => [
      number(size),
      run.title === 'first load' && fresh < size ? `load of ${number(fresh)} new ones` : run.title,
      run.seconds.toFixed(1),
      rate(run.people / run.seconds),
      ((1_000 * run.cpuSeconds) / run.people).toFixed(2),
      number(run.done),
      number(run.requests),
      `${run.rssBefore.toFixed(0)} / ${run.rssPeak.toFixed(0)}`,
      `${run.p99.toFixed(0)} / ${run.max.toFixed(0)}`,
    ])
  );
  const profiles = results.flatMap(({ size, measured }) =>
    measured.flatMap(({ title, profile }) =>
      profile === null ? [] : [`### ${number(size)} users, ${title}: processor time\n\n${table(['who', 'ms', '%'], profile.filter(({ percent }) => percent >= 1).map(({ category, ms, percent }) => [category, ms.toFixed(0), percent.toFixed(1)]))}`]
    )
  );
  return [table(HEAD, rows), ...profiles, `- Target: ${target}, a process of its own. The site may use ${heap} MB of heap.\n${machine()}`].join('\n\n');
}
