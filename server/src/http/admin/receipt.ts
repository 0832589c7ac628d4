import type { TransitionInfo, TransitionItemInfo, TransitionItemState } from '../../contracts/transition';
import { SITE, type Transition, type TransitionItem } from '../../domain/transition/transition';

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

export const transitionInfo = (transition: Transition, items: Record<TransitionItemState, number>): TransitionInfo => ({
  id: transition.id,
  kind: transition.kind,
  state: transition.state,
  population: transition.population,
  correlationId: transition.correlationId,
  actor: transition.actor,
  approvedBy: transition.approvedBy,
  ...transition.choice,
  undoOf: transition.undoOf,
  items,
  createdAt: new Date(transition.createdAt).toISOString(),
  approvedAt: iso(transition.approvedAt),
  finishedAt: iso(transition.finishedAt),
});

export const transitionItemInfo = (item: TransitionItem): TransitionItemInfo => ({
  id: item.id,
  step: item.step,
  connectionId: item.connectionId === SITE ? null : item.connectionId,
  system: item.system,
  userId: item.localId,
  userName: item.objectName,
  action: item.action,
  change: item.change,
  state: item.state,
  remoteId: item.remoteId,
  message: item.message,
  errorCode: item.errorCode,
  attempts: item.attempts,
  warnings: item.warnings,
  doneAt: iso(item.doneAt),
});

const COLUMNS = ['user', 'userId', 'system', 'step', 'action', 'state', 'remoteId', 'doneAt', 'by', 'message', 'errorCode'] as const;

const cells = ({ approvedBy, actor }: TransitionInfo, item: TransitionItemInfo): string[] => [
  item.userName ?? '', item.userId, item.system, item.step, item.action ?? '', item.state, item.remoteId ?? '', item.doneAt ?? '', approvedBy ?? actor, item.message, item.errorCode ?? '',
];

/** A cell that a spreadsheet would take for a formula is made a text: names come from anybody. */
const cell = (value: string): string => {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const line = (values: readonly string[]): string => `${values.map(cell).join(',')}\r\n`;

/** Page by page, so that a receipt of any length may be sent. */
export async function* csvReceipt(info: TransitionInfo, pages: AsyncIterable<TransitionItemInfo[]>): AsyncGenerator<string> {
  yield line(COLUMNS);
  for await (const page of pages) yield page.map((item) => line(cells(info, item))).join('');
}

export async function* textReceipt(info: TransitionInfo, pages: AsyncIterable<TransitionItemInfo[]>): AsyncGenerator<string> {
  const { id, kind, state, actor, approvedBy, comment, createdAt, approvedAt, finishedAt, correlationId } = info;
  yield [
    `${kind === 'move' ? 'Move' : 'Offboarding'} ${id}: ${state}`,
    `Planned ${createdAt} by ${actor}`,
    ...(approvedAt === null ? [] : [`Approved ${approvedAt} by ${approvedBy ?? ''}`]),
    ...(finishedAt === null ? [] : [`Ended ${finishedAt}`]),
    ...(comment === '' ? [] : [`Comment: ${comment.replaceAll(/\s+/g, ' ')}`]),
    `In the log: ${correlationId}`,
    '',
    '',
  ].join('\n');
  for await (const page of pages) {
    yield page
      .map((item) => `${item.userName ?? item.userId} | ${item.system} | ${item.step}${item.action === null ? '' : ` ${item.action}`} | ${item.state}${item.doneAt === null ? '' : ` ${item.doneAt}`}${item.remoteId === null ? '' : ` | ${item.remoteId}`} | ${item.message}\n`)
      .join('');
  }
}
