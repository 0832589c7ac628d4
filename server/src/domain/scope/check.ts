import type { Scope, ScopeClause, ScopeCondition, ScopeOperator, ScopeValue } from '../../contracts/scope';
import type { AttributeDefinition } from '../../scim/schema/definition';
import { attributeNamed, resolvePath } from '../../scim/schema/lookup';
import type { ResourceTypeDefinition } from '../../scim/schema/resource-types';
import { isBranch } from '../connection/outbound';
import { listOf, scopePath } from './filter';
import { scopeType } from './subject';

export interface ScopeProblem {
  /** Relative to the scope: `clauses.0.value`. */
  path: string;
  message: string;
}

export const MAX_DEPTH = 5;
const MAX_CONDITIONS = 100;

/** Attributes that mean something else here, or nothing, with what to ask instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  id: 'Assign single people by hand instead.',
  externalid: 'It is the id that this plugin gives; assign single people by hand instead.',
  schemas: 'Ask for an attribute instead.',
  meta: 'Use “created”.',
  groups: 'Use “group”.',
  password: 'It is never told.',
};

const NEEDS_NOTHING: ReadonlySet<ScopeOperator> = new Set(['present', 'absent']);
const NEEDS_LIST: ReadonlySet<ScopeOperator> = new Set(['one-of', 'member-of', 'not-member-of']);
const OF_TEXT: ReadonlySet<ScopeOperator> = new Set(['contains', 'starts-with', 'ends-with']);
const OF_ORDER: ReadonlySet<ScopeOperator> = new Set(['greater', 'less']);
const OF_GROUPS: ReadonlySet<ScopeOperator> = new Set(['member-of', 'not-member-of']);

/** What is wrong with a scope, each with its place; the schemas are those of the population. */
export function checkScope(scope: Scope, users: ResourceTypeDefinition): ScopeProblem[] {
  const type = scopeType(users);
  const problems: ScopeProblem[] = [];
  const refuse = (path: string, message: string): void => void problems.push({ path, message });
  let conditions = 0;
  const check = (clause: ScopeClause, path: string, depth: number): void => {
    if (!isBranch(clause)) {
      conditions += 1;
      const problem = checkCondition(clause, type);
      if (problem !== null) refuse(`${path}.${problem.path}`, problem.message);
      return;
    }
    if (depth > MAX_DEPTH) return refuse(path, `Clauses can be nested ${MAX_DEPTH} deep.`);
    if (clause.clauses.length === 0) return refuse(`${path}.clauses`, 'A branch without clauses says nothing: add one or remove the branch.');
    clause.clauses.forEach((inner, index) => check(inner, `${path}.clauses.${index}`, depth + 1));
  };
  scope.clauses.forEach((clause, index) => check(clause, `clauses.${index}`, 1));
  if (conditions > MAX_CONDITIONS) refuse('clauses', `At most ${MAX_CONDITIONS} comparisons.`);
  return problems;
}

function checkCondition(condition: ScopeCondition, type: ResourceTypeDefinition): ScopeProblem | null {
  const { attribute, operator } = condition;
  const path = scopePath(attribute);
  const resolved = path === null ? null : resolvePath(path, type);
  const problem = (at: keyof ScopeCondition, message: string): ScopeProblem => ({ path: at, message });
  if (path === null || resolved === null || resolved.attribute === null) return problem('attribute', `There is no attribute “${attribute}”.`);
  const elsewhere = resolved.extension === null ? ELSEWHERE[resolved.attribute.name.toLowerCase()] : undefined;
  if (elsewhere !== undefined) return problem('attribute', `“${attribute}” cannot be asked for. ${elsewhere}`);
  const isGroup = attribute.toLowerCase() === 'group';
  if (OF_GROUPS.has(operator) && !isGroup) return problem('operator', '“is member of” can be asked of “group” only.');
  if (isGroup && !OF_GROUPS.has(operator) && !NEEDS_NOTHING.has(operator)) return problem('operator', 'Ask a group with “is member of” or “is not member of”.');
  if (NEEDS_NOTHING.has(operator)) return condition.value === undefined ? null : problem('value', 'This comparison takes no value.');
  const compared = resolved.subAttribute ?? significant(resolved.attribute);
  if (compared === null) return problem('attribute', `“${attribute}” has no value of its own: name one of its parts, for example ${attribute}.${resolved.attribute.subAttributes?.[0]?.name ?? 'value'}.`);
  return checkOperator(operator, compared) ?? checkValues(condition, compared);
}

const significant = (attribute: AttributeDefinition): AttributeDefinition | null =>
  attribute.type === 'complex' ? attributeNamed(attribute.subAttributes, 'value') : attribute;

const isNumber = ({ type }: AttributeDefinition): boolean => type === 'integer' || type === 'decimal';

function checkOperator(operator: ScopeOperator, compared: AttributeDefinition): ScopeProblem | null {
  const isText = !isNumber(compared) && compared.type !== 'boolean' && compared.type !== 'dateTime';
  if (OF_TEXT.has(operator) && !isText) return { path: 'operator', message: `A ${compared.type} has no text to look into.` };
  if (OF_ORDER.has(operator) && !isNumber(compared) && compared.type !== 'dateTime') return { path: 'operator', message: 'Only dates and numbers are greater or less.' };
  return null;
}

function checkValues({ operator, value }: ScopeCondition, compared: AttributeDefinition): ScopeProblem | null {
  const refuse = (message: string): ScopeProblem => ({ path: 'value', message });
  const values = listOf(value);
  if (values.length === 0) return refuse('Enter a value to compare with.');
  if (Array.isArray(value) !== NEEDS_LIST.has(operator)) return refuse(NEEDS_LIST.has(operator) ? 'Give a list of values.' : 'Give one value, or use “is one of”.');
  const wrong = values.map((one) => wrongValue(one, compared)).find((message) => message !== null);
  return wrong === undefined || wrong === null ? null : refuse(wrong);
}

function wrongValue(value: ScopeValue, compared: AttributeDefinition): string | null {
  if (compared.type === 'boolean') return typeof value === 'boolean' ? null : 'Choose true or false.';
  if (isNumber(compared)) return typeof value === 'number' && Number.isFinite(value) ? null : 'Enter a number.';
  if (typeof value !== 'string' || value === '') return 'Enter a text.';
  return compared.type === 'dateTime' && Number.isNaN(Date.parse(value)) ? 'Give a time as ISO 8601, for example 2026-11-21T08:00:00Z.' : null;
}
