import type { DepartureAction, RoleMode } from '../../../../../../server/src/contracts/connection';
import { msg, type Message } from '../../../../utils/i18n';

export const ROLE_MODE_LABELS: Record<RoleMode, Message> = {
  authoritative: msg('role-mode.authoritative', 'Given and taken with the group'),
  additive: msg('role-mode.additive', 'Given, never taken away'),
  'initial-only': msg('role-mode.initial-only', 'Given once, at the first group'),
};

export const ROLE_MODES = Object.keys(ROLE_MODE_LABELS) as RoleMode[];

export const DEPARTURE_LABELS: Record<DepartureAction, Message> = {
  block: msg('departure.block', 'Block the account'),
  delete: msg('departure.delete', 'Delete the account'),
  anonymise: msg('departure.anonymise', 'Remove personal data, keep what they wrote'),
  'remove-roles': msg('departure.remove-roles', 'Take away the roles'),
  nothing: msg('departure.nothing', 'Nothing'),
};

export const DEPARTURE_ACTIONS = Object.keys(DEPARTURE_LABELS) as DepartureAction[];

/** What comes of it, in words; `{days}` is the grace period. */
export const DEPARTURE_TEXTS: Record<DepartureAction, Message> = {
  block: msg('departure.block-text', 'They are signed out at once and cannot sign in. The account stays.'),
  delete: msg(
    'departure.delete-text',
    '{days, plural, =0 {The account is deleted at once.} one {They are signed out at once and cannot sign in. A day later the account is deleted.} other {They are signed out at once and cannot sign in. # days later the account is deleted.}}'
  ),
  anonymise: msg(
    'departure.anonymise-text',
    '{days, plural, =0 {They are signed out, and name and address are removed, at once.} one {They are signed out at once and cannot sign in. A day later name and address are removed.} other {They are signed out at once and cannot sign in. # days later name and address are removed.}} What they wrote stays.'
  ),
  'remove-roles': msg(
    'departure.remove-roles-text',
    '{days, plural, =0 {They lose their roles at once.} one {They are signed out at once and cannot sign in. A day later they lose their roles.} other {They are signed out at once and cannot sign in. # days later they lose their roles.}} The account stays.'
  ),
  nothing: msg('departure.nothing-text', 'The account stays as it is, and the person can go on signing in.'),
};
