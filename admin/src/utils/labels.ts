import type { Direction, Population } from '../../../server/src/contracts/connection';
import type { OperationKind, OperationStep, Outcome, StepName, Trigger } from '../../../server/src/contracts/operation';
import { msg, type Message } from './i18n';

export const DIRECTION_LABELS: Record<Direction, Message> = {
  inbound: msg('direction.inbound', 'Provider → Strapi'),
  outbound: msg('direction.outbound', 'Strapi → application'),
};

export const POPULATION_LABELS: Record<Population, Message> = {
  'end-users': msg('population.end-users', 'End users'),
  'admin-users': msg('population.admin-users', 'Admin users'),
};

/** What was tried, not what came of it: that is the outcome's to say. */
export const OPERATION_LABELS: Record<OperationKind, Message> = {
  create: msg('operation.create', 'Create'),
  read: msg('operation.read', 'Read'),
  update: msg('operation.update', 'Update'),
  deactivate: msg('operation.deactivate', 'Deactivate'),
  reactivate: msg('operation.reactivate', 'Reactivate'),
  delete: msg('operation.delete', 'Delete'),
  link: msg('operation.link', 'Link'),
  'role-grant': msg('operation.role-grant', 'Grant role'),
  'role-revoke': msg('operation.role-revoke', 'Revoke role'),
  skip: msg('operation.skip', 'Skip'),
  refuse: msg('operation.refuse', 'Refuse'),
};

export const OUTCOME_LABELS: Record<Outcome, Message> = {
  success: msg('outcome.success', 'Success'),
  skipped: msg('outcome.skipped', 'Skipped'),
  refused: msg('outcome.refused', 'Refused'),
  failed: msg('outcome.failed', 'Failed'),
};

export const TRIGGER_LABELS: Record<Trigger, Message> = {
  'inbound-request': msg('trigger.inbound-request', 'Request of the provider'),
  'real-time': msg('trigger.real-time', 'Change in Strapi'),
  sweep: msg('trigger.sweep', 'Sweep (found what no event reported)'),
  'on-demand': msg('trigger.on-demand', 'Started by hand'),
  scheduled: msg('trigger.scheduled', 'On schedule'),
  replay: msg('trigger.replay', 'Done again'),
  undo: msg('trigger.undo', 'Undone'),
};

export const STEP_LABELS: Record<StepName, Message> = {
  read: msg('step.read', 'Read the source'),
  scope: msg('step.scope', 'Check the scope'),
  join: msg('step.join', 'Find the match'),
  map: msg('step.map', 'Map the attributes'),
  diff: msg('step.diff', 'Compare'),
  guard: msg('step.guard', 'Check the limits'),
  apply: msg('step.apply', 'Write'),
  log: msg('step.log', 'Record'),
};

export const STEP_OUTCOME_LABELS: Record<OperationStep['outcome'], Message> = {
  ok: msg('step-outcome.ok', 'OK'),
  skipped: msg('step-outcome.skipped', 'Skipped'),
  refused: msg('step-outcome.refused', 'Refused'),
  failed: msg('step-outcome.failed', 'Failed'),
};
