import { z } from 'zod';
import { LEAST_PER_MINUTE } from '../../domain/rate/slots';
import {
  ASSIGNMENTS,
  GROUP_ENDINGS,
  GROUP_SOURCES,
  DRIFT_POLICIES,
  LEAVING_ACTIONS,
  SCOPE_MATCHES,
  SCOPE_OPERATORS,
  type OutboundPoliciesInput,
  type Scope,
  type ScopeBranch,
  type ScopeClause,
  type ScopeCondition,
} from '../../contracts/scope';

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => z.enum(values, `Choose one of: ${values.join(', ')}.`);

const value = z.union([z.string().max(1_000, 'At most 1,000 characters.'), z.number(), z.boolean()], 'Enter a text, a number, or true or false.');

const condition: z.ZodType<ScopeCondition> = z
  .strictObject({
    attribute: z.string('Name the attribute.').trim().min(1, 'Name the attribute.').max(300, 'At most 300 characters.'),
    operator: oneOf(SCOPE_OPERATORS),
    value: z.union([value, z.array(value).min(1, 'Name at least one value.').max(500, 'At most 500 values.')], 'Enter a value or a list of values.').optional(),
  })
  .transform(({ value: given, ...rest }): ScopeCondition => (given === undefined ? rest : { ...rest, value: given }));

/** Deeper than anybody may nest; checkScope says so, this keeps the reading of nonsense short. */
const READ_DEPTH = 8;

const clauses = (depth: number): z.ZodType<ScopeClause[]> =>
  z.array(depth === 0 ? condition : clause(depth), 'List the clauses.').max(100, 'At most 100 clauses.');

/** Which of the two it is decides first, so that what is wrong with it is said of that one. */
function clause(depth: number): z.ZodType<ScopeClause> {
  const branch: z.ZodType<ScopeBranch> = z.strictObject({ match: oneOf(SCOPE_MATCHES), clauses: z.lazy(() => clauses(depth - 1)) });
  return z.unknown().transform((given, context): ScopeClause => {
    const isBranch = typeof given === 'object' && given !== null && 'clauses' in given;
    const result = (isBranch ? branch : condition).safeParse(given);
    if (result.success) return result.data;
    for (const { message, path } of result.error.issues) context.issues.push({ code: 'custom', message, path: [...path], input: given });
    return z.NEVER;
  });
}

const scope: z.ZodType<Scope> = z.strictObject({ assignment: oneOf(ASSIGNMENTS), match: oneOf(SCOPE_MATCHES), clauses: clauses(READ_DEPTH) });

const leavingRule = z.strictObject({
  action: oneOf(LEAVING_ACTIONS),
  graceDays: z.int('Enter a whole number of days.').min(0, 'Between 0 and 365 days.').max(365, 'Between 0 and 365 days.'),
});

const flag = z.boolean('Choose true or false.');

const GROUP_KEY = /^(role:[1-9]\d{0,14}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const groups = z.strictObject({
  source: oneOf(GROUP_SOURCES),
  only: z.array(z.string().regex(GROUP_KEY, 'Give role:<id> or the SCIM id of a group.'), 'List the roles and groups, or give null for all.').max(1_000, 'At most 1,000 roles and groups.').nullable(),
  whenDeleted: oneOf(GROUP_ENDINGS),
  whenNotChosen: oneOf(GROUP_ENDINGS),
});

const parts = z.strictObject({
  scope: scope.optional(),
  leaving: z.strictObject({ outOfScope: leavingRule, blocked: leavingRule, deleted: leavingRule }).partial().optional(),
  switches: z.strictObject({ create: flag, update: flag, deactivate: flag, delete: flag }).partial().optional(),
  groups: groups.partial().optional(),
  drift: oneOf(DRIFT_POLICIES).optional(),
  realTime: flag.optional(),
  requestsPerMinute: z
    .int('Enter a whole number.')
    .min(LEAST_PER_MINUTE, `At least ${LEAST_PER_MINUTE}, or none for no limit.`)
    .max(1_000_000, 'At most 1,000,000.')
    .nullable()
    .optional(),
});

export const outboundPolicies = parts.transform((given) => withoutMissing(given) as OutboundPoliciesInput);

/** Left out is not the same as undefined where defaults are spread under it. */
function withoutMissing(given: object): object {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, part]): [string, unknown][] => {
      if (part === undefined) return [];
      return [[name, name === 'scope' || typeof part !== 'object' || part === null ? part : Object.fromEntries(Object.entries(part).filter(([, own]) => own !== undefined))]];
    })
  );
}

const userId = z.union([z.uuid(), z.int().positive()], 'Give a SCIM id or the id of an account.');

export const countInput = z.strictObject({ scope: scope.optional() });
export const testInput = z.strictObject({ userId, scope: scope.optional() });
export const assignmentInput = z.strictObject({ userIds: z.array(userId, 'List the users.').min(1, 'Name at least one user.').max(1_000, 'At most 1,000 users at a time.') });
export const assignedQuery = z.object({
  cursor: z.string().regex(/^\d{1,15}$/, 'This page link is not valid; start again.').transform(Number).optional(),
  pageSize: z.string().regex(/^\d{1,3}$/, 'Give a whole number.').transform(Number).refine((size) => size >= 1 && size <= 100, 'Between 1 and 100.').optional(),
});
