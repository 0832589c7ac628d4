/**
 * Requests per second of the plugin's SCIM server beside its peers, in one run: each server in a process of its own on
 * the loopback interface, the rows in slices that take turns, so that a slow moment of the machine hits all.
 *
 *   node -r ./bench/typescript.cjs bench/scim-server.ts [--users 10000,100000] [--rounds 400] [--seconds 2]
 *     [--group 10000] [--servers plugin-sqlite,plugin-postgres,...] [--profile <row>]
 *
 * `--rounds` and `--seconds` bound each cell. PostgreSQL needs TEST_PG_URL (a database of its own is made and dropped).
 * Over 100,000 users only the plugin is measured. Peers: `npm install --prefix bench/peers`; a missing one is left out.
 * The table goes to stdout, progress to stderr. `--profile create` runs that row of the plugin alone and prints where
 * its processor time went. scimgateway is not among the peers: it was not to be had from the registry used.
 */
import { Cell, Load } from './load';
import { report, type Measured } from './report';
import { ROWS, type Contender, type RowName } from './contender';
import { scimApi, strapiApi, type Request } from './rows';
import type { Person } from './servers/child';
import { hasPeer } from './servers/peers';
import { ServerProcess, stopAll } from './servers/process';

const SERVERS: Record<string, { entry: string; database: string; peers: string[]; option?: string }> = {
  'plugin-sqlite': { entry: 'plugin', database: 'sqlite', peers: [] },
  'plugin-postgres': { entry: 'plugin', database: 'postgres', peers: [] },
  // The same without the guard's limits: what counting costs.
  'plugin-sqlite-unguarded': { entry: 'plugin', database: 'sqlite', peers: [], option: 'unguarded' },
  'strapi-sqlite': { entry: 'strapi', database: 'sqlite', peers: [] },
  'strapi-postgres': { entry: 'strapi', database: 'postgres', peers: [] },
  scimmy: { entry: 'scimmy', database: 'memory', peers: ['scimmy', 'scimmy-routers', 'express'] },
  'jackson-sqlite': { entry: 'jackson', database: 'sqlite', peers: ['@boxyhq/saml-jackson'] },
  'jackson-postgres': { entry: 'jackson', database: 'postgres', peers: ['@boxyhq/saml-jackson'] },
};
const PEERS_UP_TO = 100_000;
const SLICES = 4;
const CONCURRENCIES = [1, 10] as const;
const MEMBERS_PER_REQUEST = 1_000;
/** People beside the group, who are added to it and removed again. */
const CANDIDATES = 100;

const option = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? fallback);
};

const sizes = option('users', '10000,100000').split(',').map(Number);
const rounds = Number(option('rounds', '400'));
const seconds = Number(option('seconds', '2'));
const groupSize = Number(option('group', '10000'));
const profiled = option('profile', '');
const wanted = option('servers', Object.keys(SERVERS).join(',')).split(',');

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const created = (answer: { status: number; text: string }, what: string): string => {
  if (answer.status < 200 || answer.status > 299) throw new Error(`${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return String((answer.text === '' ? {} : JSON.parse(answer.text)).id ?? '');
};

async function start(name: string): Promise<Contender | null> {
  const known = SERVERS[name];
  if (!known) throw new Error(`Unknown server ${name}. Known: ${Object.keys(SERVERS).join(', ')}.`);
  const missing = known.peers.filter((peer) => !hasPeer(peer));
  if (missing.length > 0) {
    say(`${name}: left out, ${missing.join(', ')} is not installed: npm install --prefix bench/peers`);
    return null;
  }
  if (known.database === 'postgres' && !process.env.TEST_PG_URL) {
    say(`${name}: left out, TEST_PG_URL is not set`);
    return null;
  }
  const { server, target } = await ServerProcess.start(name, known.entry, [known.database, ...(known.option ? [known.option] : [])]);
  const api = known.entry === 'strapi' ? strapiApi(Number(target.headers['x-bench-role'])) : scimApi;
  return { name, isPlugin: known.entry === 'plugin', server, load: new Load(target), api, people: [], size: 0, groupId: null, candidates: [], added: [], made: 0, patched: 0 };
}

/** Users; once, a group of `groupSize` of them, and people outside of it. */
async function prepare(contender: Contender, size: number): Promise<void> {
  const begun = performance.now();
  const { server, load, api, name } = contender;
  contender.people = await server.fill(size, Math.max(groupSize, CANDIDATES));
  contender.patched = 0;
  contender.size = size;
  say(`${name}: ${size} users in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  if (api.group === null || contender.groupId !== null) return;
  for (let index = 0; index < CANDIDATES; index += 1) {
    contender.candidates.push(created(await load.send(api.create(`candidate-${index}`)), 'candidate'));
  }
  const filling = performance.now();
  contender.groupId = created(await load.send(api.group.create('Large group')), 'group');
  const members = contender.people.slice(0, groupSize);
  for (let at = 0; at < members.length; at += MEMBERS_PER_REQUEST) {
    const ids = members.slice(at, at + MEMBERS_PER_REQUEST).map((person: Person) => person.id);
    created(await load.send(api.group.add(contender.groupId, ids)), 'members');
  }
  contender.membersPerSecond = (1_000 * members.length) / (performance.now() - filling);
  say(`${name}: group of ${members.length} filled with ${contender.membersPerSecond.toFixed(0)} members/s`);
}

/** One slice: up to `count` requests of a row. */
async function slice(contender: Contender, row: RowName, cell: Cell, concurrency: number, count: number, maxMs: number): Promise<void> {
  let left = count;
  const make = ROWS[row].request;
  const next = (): Request | null => {
    if (left === 0) return null;
    left -= 1;
    return make(contender);
  };
  await contender.load.run(cell, concurrency, maxMs, next);
}

async function measure(contenders: Contender[], size: number): Promise<Measured[]> {
  const cells = new Map<string, Cell>();
  const cellOf = (row: RowName, name: string, concurrency: number): Cell => {
    const key = `${row} ${name} ${concurrency}`;
    const cell = cells.get(key) ?? new Cell();
    cells.set(key, cell);
    return cell;
  };
  const notes = new Map<string, string>();
  // `add` and `remove` are one turn: what a slice adds is removed before the next.
  const turns: RowName[][] = [['create'], ['get'], ['find'], ['first page'], ['last page'], ['patch'], ['add member', 'remove member'], ['bulk']];
  for (const turn of turns) {
    const able = contenders.filter((contender) => turn.every((row) => ROWS[row].request(contender, 'probe') !== null));
    for (const contender of able) {
      for (const row of turn) {
        const first = ROWS[row].request(contender);
        const note = first === null ? '' : ROWS[row].check(await contender.load.send(first));
        if (note !== '') notes.set(`${row} ${contender.name}`, note);
        // Unmeasured: what runs for the first time is compiled.
        await slice(contender, row, new Cell(), 1, 20, 500);
      }
    }
    for (const concurrency of CONCURRENCIES) {
      for (let round = 0; round < SLICES; round += 1) {
        for (const contender of able) {
          for (const row of turn) {
            const count = turn.length > 1 ? Math.min(CANDIDATES, Math.ceil(rounds / SLICES)) : Math.ceil(rounds / SLICES);
            // What was added has to be removed, however long it takes.
            const maxMs = row === 'remove member' ? 60_000 : (1_000 * seconds) / SLICES;
            await slice(contender, row, cellOf(row, contender.name, concurrency), concurrency, count, maxMs);
          }
        }
      }
    }
    say(`${size} users: ${turn.join(', ')}`);
  }
  return contenders.flatMap(({ name }) =>
    turns.flat().flatMap((row) => {
      const [one, ten] = CONCURRENCIES.map((concurrency) => cells.get(`${row} ${name} ${concurrency}`));
      return one && ten ? [{ size, row, server: name, one, ten, note: notes.get(`${row} ${name}`) ?? '' }] : [];
    })
  );
}

async function profile(contender: Contender, row: RowName): Promise<void> {
  // People outside of the group are few: who was added is removed by the next request.
  const turn: RowName[] = row.endsWith('member') ? ['add member', 'remove member'] : [row];
  let sent = 0;
  const next = (): Request | null => {
    sent += 1;
    return sent > rounds ? null : ROWS[turn[(sent - 1) % turn.length] ?? row].request(contender);
  };
  await contender.load.run(new Cell(), 1, 5_000, next);
  sent = 0;
  const cell = new Cell();
  await contender.server.startProfile();
  await contender.load.run(cell, 1, 20_000, next);
  const shares = await contender.server.stopProfile();
  const busy = shares.reduce((sum, { ms }) => sum + ms, 0);
  const count = cell.latencies.length;
  console.log(`\n${contender.name}, ${turn.join(' and ')} at ${contender.size} users: ${count} requests, median ${cell.medianMs.toFixed(2)} ms, of which the processor ${(busy / count).toFixed(2)} ms\n`);
  console.log('| who | ms per request | share |\n| --- | --- | --- |');
  for (const { category, ms, percent } of shares.slice(0, 15)) console.log(`| ${category} | ${(ms / count).toFixed(3)} | ${percent.toFixed(1)} % |`);
}

async function main(): Promise<void> {
  if (profiled !== '' && !(profiled in ROWS)) throw new Error(`Unknown row ${profiled}. Rows: ${Object.keys(ROWS).join(', ')}.`);
  const names = profiled === '' ? wanted : wanted.filter((name) => name.startsWith('plugin'));
  const contenders: Contender[] = [];
  for (const name of names) {
    const contender = await start(name);
    if (contender) contenders.push(contender);
  }
  const measured: Measured[] = [];
  const fills = new Map<string, number>();
  for (const size of sizes) {
    const taking = contenders.filter(({ isPlugin }) => isPlugin || size <= PEERS_UP_TO);
    for (const contender of taking) {
      await prepare(contender, size);
      if (contender.membersPerSecond !== undefined) fills.set(contender.name, contender.membersPerSecond);
    }
    if (profiled !== '') for (const contender of taking) await profile(contender, profiled as RowName);
    else measured.push(...(await measure(taking, size)));
  }
  if (profiled === '') console.log(report(measured, { groupSize, fills }));
  await Promise.all(contenders.map(({ load }) => load.close()));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stopAll().finally(() => process.exit(1)));

main()
  .then(() => 0)
  .catch((error: unknown) => {
    console.error(error);
    return 1;
  })
  .then(async (code) => {
    await stopAll();
    process.exit(code);
  });
