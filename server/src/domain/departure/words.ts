import type { DepartureAction } from '../../contracts/connection';

/** What an action does to the account, to be read after a time: "On 2026-11-30 ...". */
const PLANNED: Readonly<Record<DepartureAction, string>> = {
  block: 'name and address are forgotten',
  delete: 'the account is deleted',
  anonymise: 'the account is anonymised',
  'remove-roles': 'all roles are taken away',
  nothing: 'nothing happens',
};

const DONE: Readonly<Record<DepartureAction, string>> = {
  block: 'Grace period over: name and address were forgotten, the account stays blocked.',
  delete: 'The account was deleted.',
  anonymise: 'The account was anonymised; what it wrote keeps its author.',
  'remove-roles': 'All roles were taken away.',
  nothing: 'Nothing was done.',
};

/** What DELETE did to the account, in a sentence for the log. */
const LEFT: Readonly<Record<DepartureAction, string>> = {
  block: 'The account is kept, blocked.',
  delete: 'Deleted.',
  anonymise: 'The account is kept, blocked, to be anonymised.',
  'remove-roles': 'The account is kept, blocked, without roles.',
  nothing: 'The account stays as it is, unlinked from this connection.',
};

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

export const tellPlan = (action: DepartureAction, dueAt: number): string => `On ${day(dueAt)} ${PLANNED[action]}.`;
export const tellDone = (action: DepartureAction): string => DONE[action];
export const tellLeft = (action: DepartureAction): string => LEFT[action];
export const tellCancelled = (action: DepartureAction, dueAt: number): string => `Cancelled: on ${day(dueAt)} ${PLANNED[action].replace(/ (is|are) /, ' would have been ')}.`;
