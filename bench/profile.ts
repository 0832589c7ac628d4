/** A CPU profile, told by who the time was spent in: packages, rooms of the plugin, Node. */
import type { Profiler } from 'node:inspector';

export interface Share {
  category: string;
  ms: number;
  percent: number;
}

/** Null: nothing of the program (idle, the profiler itself). Undefined: the caller's (native functions have no file). */
function categoryOf({ functionName, url }: Profiler.ProfileNode['callFrame']): string | null | undefined {
  if (functionName === '(idle)' || url === 'node:inspector') return null;
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)' || functionName === '(root)') return 'Node, native (I/O, sockets)';
  if (url === '') return undefined;
  const parts = url.split('/node_modules/');
  if (parts.length > 1) {
    const [first = '', second = ''] = (parts.at(-1) ?? '').split('/');
    return first.startsWith('@') ? `${first}/${second}` : first;
  }
  if (url.startsWith('node:')) return `Node: ${url.slice(5).replace('internal/', '').split('/')[0]}`;
  const room = /\/server\/src\/(\w+)/.exec(url)?.[1];
  return room ? `plugin: ${room}` : 'other';
}

export function shares(profile: Profiler.Profile): Share[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const owner = (id: number): string | null => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const node = nodes.get(at);
      const category = node ? categoryOf(node.callFrame) : undefined;
      // The driver's own work, waiting for the disk with it: called from knex's dialect or the package's wrapper.
      if (at !== id && node?.callFrame.url.includes('better-sqlite3')) return 'SQLite (native)';
      if (category !== undefined) return category;
    }
    return 'other';
  };
  const sums = new Map<string, number>();
  let total = 0;
  profile.samples?.forEach((id, index) => {
    const category = owner(id);
    if (category === null) return;
    const ms = (profile.timeDeltas?.[index] ?? 0) / 1_000;
    total += ms;
    sums.set(category, (sums.get(category) ?? 0) + ms);
  });
  return [...sums]
    .map(([category, ms]) => ({ category, ms, percent: (100 * ms) / total }))
    .sort((a, b) => b.ms - a.ms);
}
