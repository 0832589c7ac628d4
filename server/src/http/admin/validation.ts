import { errors } from '@strapi/utils';
import { z } from 'zod';
import { guardPolicy } from './guard-validation';
import { outboundPolicies } from './scope-validation';
import { DEPARTURE_ACTIONS, DIRECTIONS, JOIN_ATTRIBUTES, POPULATIONS, ROLE_MODES, SOURCES } from '../../contracts/connection';

const name = z.string('Give the connection a name.').trim().min(1, 'Give the connection a name.').max(100, 'At most 100 characters.');
const slug = z.string().trim().min(1, 'Name the system, or leave it out.').max(100, 'At most 100 characters.');

const targetUrl = z
  .string('Enter the SCIM base URL of the application.')
  .trim()
  .max(2_000, 'At most 2,000 characters.')
  .refine((value) => {
    try {
      const url = new URL(value);
      return ['http:', 'https:'].includes(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
    } catch {
      return false;
    }
  }, 'Enter an address such as https://app.example.com/scim/v2, without user, query or fragment.')
  .transform((value) => value.replace(/\/+$/, ''));

/** One of these words, or a sentence that names them. */
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => z.enum(values, `Choose one of: ${values.join(', ')}.`);

const flag = z.boolean('Choose true or false.');

const roleMappings = z
  .array(
    z.strictObject({
      groupName: z.string().trim().min(1, 'Enter the name of the group.').max(255, 'At most 255 characters.'),
      roleId: z.int('Choose a role.').positive('Choose a role.'),
      priority: z.int('Enter a whole number.').min(0, 'Between 0 and 1000.').max(1_000, 'Between 0 and 1000.'),
      mode: oneOf(ROLE_MODES).optional(),
    })
  )
  .max(500, 'At most 500 groups.');

const departure = z.strictObject({
  action: oneOf(DEPARTURE_ACTIONS),
  graceDays: z.int('Enter a whole number of days.').min(0, 'Between 0 and 365 days.').max(365, 'Between 0 and 365 days.'),
});

const noneTwice = (names: readonly string[]): boolean => new Set(names).size === names.length;

const answer = oneOf(['resource', 'no-content']);

const policies = z
  .strictObject({
    strict: flag,
    visibility: oneOf(['all', 'provisioned']),
    joinBy: z
      .array(oneOf(JOIN_ATTRIBUTES))
      .refine(noneTwice, 'Name each attribute once.'),
    sharedEmail: oneOf(['as-strapi', 'refuse', 'allow']),
    uniqueGroupNames: flag,
    acceptPassword: flag,
    userPatchAnswer: answer,
    groupPatchAnswer: answer,
    onDeactivate: departure,
    onDelete: departure,
    allowSuperAdmin: flag,
    writableAttributes: z
      .array(z.string('Name the attribute.').trim().min(1, 'Name the attribute.').max(100, 'At most 100 characters.'))
      .max(200, 'At most 200 attributes.')
      .refine(noneTwice, 'Name each attribute once.'),
    signInProvider: z.string().trim().min(1, 'Name the provider; “local” is Strapi itself.').max(50, 'At most 50 characters.'),
    confirmed: flag,
    requestsPerMinute: z.int('Enter a whole number.').min(1, 'At least 1, or none for no limit.').max(1_000_000, 'At most 1,000,000.').nullable(),
  })
  .partial();

const shared = {
  policies: policies.optional(),
  outbound: outboundPolicies.optional(),
  guard: guardPolicy.optional(),
  system: slug.optional(),
  preset: z.string().trim().min(1).max(50).optional(),
  enabled: z.boolean().optional(),
  bearerToken: z.string().min(1, 'Enter the token, or leave it out to keep the stored one.').max(8_000, 'At most 8,000 characters.').optional(),
  defaultRoleId: z.int().positive().nullable().optional(),
  roleMappings: roleMappings.optional(),
};

export const ONLY_ADMIN_USERS = 'End users have no super-admin role: switch this on for connections to admin users only.';

export const connectionInput = z
  .strictObject({ name, direction: z.enum(DIRECTIONS), source: oneOf(SOURCES).optional(), population: z.enum(POPULATIONS), baseUrl: targetUrl.optional(), ...shared })
  .check((context) => {
    const { direction, source, population, baseUrl, bearerToken, policies: given, outbound } = context.value;
    const refuse = (path: string, message: string): void => {
      context.issues.push({ code: 'custom', input: context.value, path: path.split('.'), message });
    };
    const isPushed = direction === 'inbound' && source !== 'pull';
    if (direction === 'outbound' && source !== undefined) refuse('source', 'An outbound connection has no source: it sends what is in Strapi.');
    if (!isPushed && baseUrl === undefined) refuse('baseUrl', 'Enter the SCIM base URL of the application.');
    if (isPushed && baseUrl !== undefined) refuse('baseUrl', 'An inbound connection gets its address from Strapi.');
    if (direction === 'inbound' && outbound !== undefined) refuse('outbound', 'A scope belongs to outbound connections.');
    if (direction === 'outbound' && given !== undefined) refuse('policies', 'Policies belong to inbound connections.');
    if (population === 'end-users' && given?.allowSuperAdmin) refuse('policies.allowSuperAdmin', ONLY_ADMIN_USERS);
    if (isPushed && bearerToken !== undefined) refuse('bearerToken', 'An inbound connection gets its token from Strapi.');
  });

export const connectionUpdate = z.strictObject({ name: name.optional(), baseUrl: targetUrl.optional(), ...shared });

/** The account that a connection may take over: one of the two. */
export const linkApproval = z
  .strictObject({ accountId: z.int('Enter the account’s id.').positive('Enter the account’s id.').optional(), userName: z.string().trim().min(1, 'Enter the user name.').max(255).optional() })
  .refine((input) => (input.accountId === undefined) !== (input.userName === undefined), 'Name the account by accountId or by userName.');

const list = <const T extends readonly string[]>(allowed: T, what: string) =>
  z
    .string()
    .transform((value) => value.split(',').filter((item) => item !== ''))
    .refine((items) => items.every((item) => allowed.includes(item)), `Allowed are: ${allowed.join(', ')} (${what}).`);

const time = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)), 'Give a time as ISO 8601, for example 2026-11-21T08:00:00Z.')
  .transform((value) => Date.parse(value));

const digits = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'Give a whole number.')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `Between ${min} and ${max}.`);

export const operationQuery = (kinds: readonly string[], outcomes: readonly string[]) =>
  z.object({
    operation: list(kinds, 'operation').optional(),
    outcome: list(outcomes, 'outcome').optional(),
    connectionId: digits(1, Number.MAX_SAFE_INTEGER).optional(),
    from: time.optional(),
    to: time.optional(),
    search: z.string().trim().min(1).max(255).optional(),
    cursor: z.string().regex(/^[ab]\d{1,15}$/, 'This page link is not valid; start again.').optional(),
    pageSize: digits(1, 100).optional(),
  });

export const logCheckQuery = z.object({ after: digits(0, 2_147_483_647).optional() });

/** Parses, or throws Strapi's ValidationError with every field and a sentence for it. */
export function parse<T extends z.ZodType>(type: T, input: unknown): z.output<T> {
  const result = type.safeParse(input ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => ({ path: issue.path.map(String), message: issue.message, name: 'ValidationError' }));
  throw new errors.ValidationError(problems[0]?.message ?? 'The input is not valid.', { errors: problems });
}

/** The same for a rule that only the server can check. */
export function refuseField(path: string, message: string): never {
  throw new errors.ValidationError(message, { errors: [{ path: path.split('.'), message, name: 'ValidationError' }] });
}
