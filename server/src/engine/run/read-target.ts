import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import { leftOver, remoteKey } from '../../domain/run/pairing';
import type { ItemDraft, Run } from '../../domain/run/run';
import type { Directory, DirectoryEntry, DirectoryPage } from '../../ports/directory';
import type { ReadMarks } from '../../ports/read-marks';
import { isTargetWide } from '../push/backoff';

/** A page of what an application holds, joined with the links. */
export interface TargetPage {
  read: number;
  /** Of linked people, by SCIM id. */
  held: Map<string, DirectoryEntry>;
  /** Nobody here is linked to these. */
  others: DirectoryEntry[];
  /** Null: the reading has ended. */
  next: string | null;
  incomplete: string | null;
}

const PAGE = 200;
/** A page of people who all came before in this reading: once after an interruption, never twice in a row. */
const MAX_STALE = 2;

/**
 * Reads a page of the application's users. Only that page is in memory: who was seen is marked in the database with the number of the
 * run. Throws where the application is in trouble; one that cannot be read at all ends the reading with a sentence.
 */
export async function readTargetPage(run: Run, connection: Connection, position: string, target: Directory, marks: ReadMarks): Promise<TargetPage> {
  const colon = position.indexOf(':');
  const [stale, cursor] = colon < 0 ? [0, null] : [Number(position.slice(0, colon)), position.slice(colon + 1)];
  const page = await listed(target, cursor);
  const linked = new Map((await marks.see(connection.id, 'User', page.entries.map(({ ref }) => ref), run.id)).map((mark) => [mark.remoteId, mark]));
  const isStale = page.entries.length > 0 && page.entries.every(({ ref }) => linked.get(ref)?.again === true);
  const staleNow = isStale ? stale + 1 : 0;
  const circles = staleNow >= MAX_STALE;
  return {
    read: page.entries.length,
    held: new Map(page.entries.flatMap((entry) => { const mark = linked.get(entry.ref); return mark === undefined ? [] : [[mark.localId, entry] as const]; })),
    others: page.entries.filter(({ ref }) => !linked.has(ref)),
    next: page.next === null || circles ? null : `${staleNow}:${page.next}`,
    incomplete: circles ? 'The read of the application was not complete: it went round in circles.' : page.next === null ? page.incomplete : null,
  };
}

async function listed(target: Directory, cursor: string | null): Promise<DirectoryPage> {
  const unreadable = (why: string): DirectoryPage => ({ entries: [], next: null, incomplete: why });
  if (target.list === undefined) return unreadable('This kind of application cannot be read.');
  try {
    return await target.list('User', { cursor, limit: PAGE });
  } catch (error) {
    if (!(error instanceof ProvisioningError) || isTargetWide(error.code) || error.code === 'internal') throw error;
    return unreadable(`The application cannot be read: ${error.message}`);
  }
}

/** Only listed: nobody touches it. */
export function notMatched({ ref, resource }: DirectoryEntry): ItemDraft {
  const { userName, displayName, active } = resource;
  const shown = Object.entries({ displayName, active }).filter(([, value]) => value !== undefined && value !== null);
  const about = shown.map(([name, value]) => ` ${name}: ${String(value)}.`).join('');
  return leftOver({ objectId: remoteKey(ref), objectName: typeof userName === 'string' ? userName : null, remoteId: ref, message: `At the application, and nobody here matches.${about}` });
}
