import type { Run } from '../../domain/run/run';

/** Where a page of a pull begins. */
export interface Place {
  list: 'users' | 'users-gone' | 'groups' | 'groups-gone' | 'left-over' | 'selection' | 'undo';
  /** Pages in a row that brought nobody new. */
  stale: number;
  /** Of the source, or of our own rows; '' begins a source. */
  cursor: string;
}

const FIRST: Readonly<Record<Run['cycle'], Pick<Place, 'list' | 'cursor'>>> = {
  full: { list: 'users', cursor: '' },
  reconcile: { list: 'users', cursor: '' },
  incremental: { list: 'users', cursor: '' },
  selection: { list: 'selection', cursor: '0' },
  undo: { list: 'undo', cursor: '0' },
};

export const tellPosition = ({ list, stale, cursor }: Place): string => `${list}:${stale}:${cursor}`;

export function positionOf({ cursor, cycle }: Run): Place {
  if (cursor === null) return { ...FIRST[cycle], stale: 0 };
  const [list = '', stale = ''] = cursor.split(':', 2);
  return { list: list as Place['list'], stale: Number(stale), cursor: cursor.slice(list.length + stale.length + 2) };
}

/** How a selection names an object of the source. */
export const sourceKey = (type: string, remoteId: string): string => `source:${type}:${remoteId}`;
