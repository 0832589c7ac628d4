import { errors } from '@strapi/utils';
import { z } from 'zod';
import { EMPTY_POLICIES, RULE_TIMES, type MappingRule } from '../../contracts/mapping';
import { checkRules } from '../../domain/mapping/check';
import { ScimError } from '../../scim/messages/error';
import { sanitised } from '../../scim/schema/json';

const MAX_RULES = 200;
const MAX_VALUE = 8_000;

const path = (what: string) => z.string(what).trim().min(1, what).max(500, 'At most 500 characters.');

/** Any JSON of a sensible size. */
const json = z.unknown().transform((value, context) => {
  try {
    if ((JSON.stringify(value) ?? '').length > MAX_VALUE) context.addIssue('At most 8,000 characters.');
    return sanitised(value, 'The value');
  } catch (error) {
    context.addIssue(error instanceof ScimError ? error.detail : 'This is not a value.');
    return z.NEVER;
  }
});

const source = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('direct'), path: path('Name the attribute to take over.') }),
    z.strictObject({ kind: z.literal('constant'), value: json }),
    z.strictObject({ kind: z.literal('expression'), expression: z.string('Enter an expression.').max(4_000, 'At most 4,000 characters.') }),
  ],
  'Choose where the value comes from: direct, constant or expression.'
);

const rule = z
  .strictObject({
    target: path('Name the attribute to write.'),
    source,
    when: z.enum(RULE_TIMES, `Choose one of: ${RULE_TIMES.join(', ')}.`).default('always'),
    default: json.optional(),
    emptyPolicy: z.enum(EMPTY_POLICIES, `Choose one of: ${EMPTY_POLICIES.join(', ')}.`).default('clear'),
  })
  .transform(({ default: fallback, ...rest }): MappingRule => (fallback === undefined || fallback === null ? rest : { ...rest, default: fallback }));

const rules = z.array(rule, 'Send a list of rules, or null for the preset’s.').max(MAX_RULES, `At most ${MAX_RULES} rules.`).nullable();

const version = z.int('Give a version.').min(0, 'Give a version.');

export const mappingUpdate = z
  .strictObject({ rules: rules.optional(), restoreVersion: version.optional(), baseVersion: version.optional() })
  .refine((input) => (input.rules === undefined) !== (input.restoreVersion === undefined), 'Send either rules or restoreVersion.');

export const mappingPreview = z.strictObject({
  userId: z.union([z.string().trim().min(1).max(255), z.int().positive()], 'Name the user by their SCIM id or the number of their account.'),
  rules: rules.optional(),
});

export const mappingImpact = z.strictObject({ rules: rules.optional() });

/** Throws Strapi's ValidationError with every rule that cannot be used, the field, the place in an expression and the reason. */
export function refuseUnusable(candidates: MappingRule[]): void {
  const problems = checkRules(candidates).map(({ index, field, message, line, column }) => ({
    path: ['rules', String(index), ...(field === '' ? [] : field.split('.'))],
    message,
    name: 'ValidationError',
    ...(line === undefined ? {} : { line, column }),
  }));
  const [first] = problems;
  if (first !== undefined) throw new errors.ValidationError(first.message, { errors: problems });
}
