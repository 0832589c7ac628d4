/** The tables of bench/scim-server.ts, as Markdown to be pasted into docs/performance.md. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { ROWS, type RowName } from './contender';
import type { Cell } from './load';

export interface Measured {
  size: number;
  row: RowName;
  server: string;
  one: Cell;
  ten: Cell;
  /** What the answers lack. */
  note: string;
}

interface Extra {
  groupSize: number;
  /** Members per second while the large group was filled. */
  fills: Map<string, number>;
}

const LIMITS = [
  'scimmy keeps everything in memory and loses it when it stops; its store here has an index of user names and makes resources of the asked page only.',
  'SAML Jackson answers at most 50 users per list, and groups without their members; it has no Bulk.',
  'Strapi’s own API stores four fields of a user, demands a password and hashes it (most of its create), has no groups of people and no totals in its lists; its PATCH row is a PUT of `blocked`.',
  'The plugin writes a row of the provisioning log with every write, in the same transaction.',
];

export const rate = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
const factor = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toPrecision(2));

export const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const failed = ({ one, ten }: Measured): string | null => {
  const statuses = [...new Set([...one.unexpected.keys(), ...ten.unexpected.keys()])];
  return statuses.length === 0 ? null : `HTTP ${statuses.join(', ')}`;
};

const shown = (measured: Measured | undefined, value: (measured: Measured) => string): string => {
  if (!measured) return '-';
  const failure = failed(measured);
  // Some answers failed: the rate would be that of the others.
  if (failure !== null) return measured.one.latencies.length === 0 ? failure : `${value(measured)} (${failure} too)`;
  return value(measured) + (measured.note === '' ? '' : ` (${measured.note})`);
};

const ratio = (mine: Measured | undefined, other: Measured | undefined): string =>
  mine && other && failed(mine) === null && failed(other) === null ? `${factor(mine.one.perSecond / other.one.perSecond)} / ${factor(mine.ten.perSecond / other.ten.perSecond)}` : '-';

function packageVersion(name: string): string {
  return (JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')) as { version: string }).version;
}

export function machine(): string {
  const processors = cpus();
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: __dirname }).trim();
  return [
    `- ${new Date().toISOString().slice(0, 10)}, commit ${commit}. Strapi ${packageVersion('@strapi/strapi')}, Node ${process.versions.node}.`,
    `- ${processors.length} cores (${processors[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB of memory, load ${loadavg().map((load) => load.toFixed(1)).join(' ')} at the end, with the client on the same machine.`,
  ].join('\n');
}

/** Ratios that say something: against who stores in the same database, and against Strapi itself. */
const PAIRS: [string, string][] = ['sqlite', 'postgres'].flatMap((database): [string, string][] => [
  [`plugin-${database}`, `strapi-${database}`],
  [`plugin-${database}`, `jackson-${database}`],
  [`plugin-${database}`, 'scimmy'],
]);

export function report(all: Measured[], { groupSize, fills }: Extra): string {
  const parts: string[] = [];
  const servers = [...new Set(all.map(({ server }) => server))];
  const sizes = [...new Set(all.map(({ size }) => size))];
  const find = (size: number, row: RowName, server: string): Measured | undefined =>
    all.find((measured) => measured.size === size && measured.row === row && measured.server === server);
  const names = (Object.keys(ROWS) as RowName[]).filter((row) => all.some((measured) => measured.row === row));
  const people = (size: number): string => `${size.toLocaleString('en')} users`;
  for (const size of sizes) {
    const here = servers.filter((server) => all.some((measured) => measured.size === size && measured.server === server));
    parts.push(`### ${people(size)}: requests per second, one client / ten clients`);
    parts.push(table(['request', ...here], names.map((row) => [ROWS[row].title, ...here.map((server) => shown(find(size, row, server), ({ one, ten }) => `${rate(one.perSecond)} / ${rate(ten.perSecond)}`))])));
    parts.push(`### ${people(size)}: median of one client, milliseconds`);
    parts.push(table(['request', ...here], names.map((row) => [ROWS[row].title, ...here.map((server) => shown(find(size, row, server), ({ one }) => one.medianMs.toFixed(2)))])));
    const pairs = PAIRS.filter((pair) => pair.every((server) => here.includes(server)));
    if (pairs.length === 0) continue;
    parts.push(`### ${people(size)}: how many times as fast, one client / ten clients`);
    parts.push(table(['request', ...pairs.map(([mine, other]) => `${mine} : ${other}`)], names.map((row) => [ROWS[row].title, ...pairs.map(([mine, other]) => ratio(find(size, row, mine), find(size, row, other)))])));
  }
  const [smallest = 0] = sizes;
  const growing = servers.filter((server) => server.startsWith('plugin')).flatMap((server) => sizes.slice(1).map((size) => ({ server, size })));
  if (growing.length > 0) {
    parts.push(`### The plugin by size: rate over the rate at ${people(smallest)}, one client / ten clients`);
    parts.push(table(['request', ...growing.map(({ server, size }) => `${server}, ${people(size)}`)], names.map((row) => [ROWS[row].title, ...growing.map(({ server, size }) => ratio(find(size, row, server), find(smallest, row, server)))])));
  }
  const filling = [...fills].map(([server, perSecond]) => `${server} ${rate(perSecond)}`).join(', ');
  parts.push([machine(), `- The large group has ${groupSize.toLocaleString('en')} members, or all users of the first size where they are fewer. Members per second while it was filled, 1,000 per request: ${filling}.`, ...LIMITS.map((text) => `- ${text}`)].join('\n'));
  return parts.join('\n\n');
}
