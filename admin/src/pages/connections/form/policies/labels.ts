import type { AttributeLock, DepartureAction, RoleMode } from '../../../../../../server/src/contracts/connection';
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

const TEXT = msg('type.text', 'Text');
const WHOLE_NUMBER = msg('type.whole-number', 'Whole number');
const NUMBER = msg('type.number', 'Number');
const DATE_AND_TIME = msg('type.date-and-time', 'Date and time');

/** Types of Strapi's content types; of custom fields the name as it is. */
export const TYPE_LABELS: Readonly<Record<string, Message>> = {
  string: TEXT,
  text: TEXT,
  richtext: TEXT,
  uid: TEXT,
  email: msg('type.email', 'E-mail address'),
  enumeration: msg('type.choice', 'One of several words'),
  integer: WHOLE_NUMBER,
  biginteger: WHOLE_NUMBER,
  float: NUMBER,
  decimal: NUMBER,
  boolean: msg('type.boolean', 'Yes or no'),
  date: msg('type.date', 'Date'),
  time: msg('type.time', 'Time of day'),
  datetime: DATE_AND_TIME,
  timestamp: DATE_AND_TIME,
  component: msg('type.component', 'Component'),
  relation: msg('type.relation', 'Relation'),
  media: msg('type.media', 'Media'),
  dynamiczone: msg('type.dynamic-zone', 'Dynamic zone'),
  json: msg('type.json', 'JSON'),
  blocks: msg('type.blocks', 'Rich text (blocks)'),
};

export const LOCK_TEXTS: Record<AttributeLock, Message> = {
  private: msg('attribute.private', 'It is private in the content type, so no provider sees it.'),
  secret: msg('attribute.secret', 'Its name sounds like a secret, so no provider sees it.'),
  type: msg('attribute.type', 'Providers cannot send or read this type.'),
  name: msg('attribute.name', 'Providers cannot use this name. Another one helps: letters, digits, "-" and "_" only, and no other field of the same letters.'),
};
