import type { MappingRule, RuleProblem } from '../../contracts/mapping';
import { splitAttributePath } from '../../scim/filter/path';
import { parsePatchPath } from '../../scim/filter/parser';
import { ScimError } from '../../scim/messages/error';
import { isForeignUrn, isUnassigned, isUnsafeName } from '../../scim/schema/json';
import { extensionNamed, isCoreUrn, resolvePath } from '../../scim/schema/lookup';
import { isSecretName } from '../../scim/schema/secrets';
import type { PatchPath } from '../../scim/patch/operation';
import { kindAt, kindMismatch } from './attribute-kinds';
import { compileExpression } from './expression/compile';
import { conditionsOf, mappingPath } from './path';

/** Derived by the target, or none of provisioning's business. */
const NOT_WRITTEN = new Set(['id', 'meta', 'schemas', 'groups']);

type Problem = Omit<RuleProblem, 'index'>;

/** Everything that is wrong with a set of rules, each with its place and a sentence. Empty: they can be used. */
export function checkRules(rules: readonly MappingRule[]): RuleProblem[] {
  const problems = rules.flatMap((rule, index) => problemsOf(rule).map((problem) => ({ index, ...problem })));
  if (problems.length > 0) return problems;
  const overlaps = rules.flatMap((rule, index) => {
    const other = rules.slice(0, index).find((earlier) => overlap(earlier.target, rule.target));
    return other === undefined ? [] : [{ index, field: 'target', message: `The rule for ${other.target} writes this already.` }];
  });
  return overlaps.length > 0 ? overlaps : checkWhole(rules);
}

function problemsOf(rule: MappingRule): Problem[] {
  const target = targetProblem(rule.target);
  if (target !== null) return [{ field: 'target', message: target }];
  const source = sourceProblem(rule);
  const mismatch = isUnassigned(rule.default) ? null : kindMismatch(rule.target, rule.default);
  return [...(source === null ? [] : [source]), ...(mismatch === null ? [] : [{ field: 'default', message: mismatch }])];
}

function targetProblem(target: string): string | null {
  const problem = pathProblem(target);
  if (problem !== null) return problem;
  const { segments, element } = mappingPath(target);
  const [first = ''] = segments;
  if (NOT_WRITTEN.has(first)) return `${first} is set by the application itself.`;
  const list = element === null && segments.length > 1 ? kindAt(segments.slice(0, -1).join('.')) : null;
  return list === 'a list' ? `${first} is a list: say which element, for example ${first}[type eq "work"].${segments.at(-1)}.` : null;
}

/** Why a path cannot be used, on either side. */
function pathProblem(text: string): string | null {
  let read: PatchPath;
  try {
    read = parsePatchPath(text);
  } catch (error) {
    if (error instanceof ScimError) return error.detail;
    throw error;
  }
  const { path, filter, subAttribute } = read;
  const names = [path.attribute, path.subAttribute, subAttribute].filter((name) => name !== null);
  if (names.some(isSecretName) || isSecretName(text)) return 'Passwords are never provisioned.';
  const conditions = filter === null ? [] : conditionsOf(filter);
  if (conditions === null) return 'Within the brackets only “eq” with a value works, joined by “and”.';
  if (filter !== null && path.subAttribute !== null) return 'A filter stands behind an attribute, not behind a part of one.';
  if ([...names, ...conditions.map(([name]) => name)].some(isUnsafeName)) return 'This name is not an attribute.';
  if (path.schema !== null && isCoreUrn('User', path.schema)) return 'Attributes of the core schema are written without its URN.';
  if (path.schema !== null && extensionNamed('User', path.schema) === null) {
    return isForeignUrn(path.schema) && !isUnsafeName(path.schema) ? null : 'In front of the attribute stands the URN of its schema.';
  }
  const whole = splitAttributePath(subAttribute === null || filter === null ? text.replace(/\[.*$/, '') : `${text.slice(0, text.indexOf('['))}.${subAttribute}`);
  const resolved = whole === null ? null : resolvePath(whole, 'User');
  if (resolved?.attribute == null) return `No schema of a user declares ${text}. Attributes of other schemas carry their URN in front.`;
  if (filter !== null && !(resolved.attribute.multiValued && resolved.attribute.type === 'complex')) return `${path.attribute} is not a list of which an element could be chosen.`;
  const spelt = [resolved.attribute.name, ...(resolved.subAttribute === null ? [] : [resolved.subAttribute.name])];
  const written = [path.attribute, subAttribute ?? path.subAttribute].filter((name) => name !== null);
  const isSpelt = spelt.every((name, index) => name === written[index]) && (path.schema === null || resolved.extension === path.schema);
  return isSpelt ? null : `Written ${resolved.extension === null ? '' : `${resolved.extension}:`}${spelt.join('.')}.`;
}

function sourceProblem({ source, target }: MappingRule): Problem | null {
  switch (source.kind) {
    case 'direct': {
      const message = pathProblem(source.path);
      if (message !== null) return { field: 'source.path', message };
      const [wanted, found] = [kindAt(target), kindAt(source.path)];
      const fits = wanted === null || found === null || wanted === found;
      return fits ? null : { field: 'source.path', message: `${target} takes ${wanted}, and ${source.path} is ${found}.` };
    }
    case 'constant': {
      const message = isUnassigned(source.value) ? 'Enter the value.' : kindMismatch(target, source.value);
      return message === null ? null : { field: 'source.value', message };
    }
    case 'expression': {
      const compiled = compileExpression(source.expression);
      if (!compiled.ok) return { field: 'source.expression', ...compiled.problem };
      const isPlainText = mappingPath(target).element === null && (kindAt(target) ?? 'text') === 'text';
      return compiled.expression.isUnique && !isPlainText ? { field: 'source.expression', message: 'uniqueValue() is for attributes that hold one text.' } : null;
    }
  }
}

/** Whether one rule could write what the other one writes. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [mappingPath(one), mappingPath(other)];
  const length = Math.min(a.segments.length, b.segments.length);
  const lower = (path: { segments: string[] }): string => path.segments.slice(0, length).join('\n').toLowerCase();
  if (lower(a) !== lower(b)) return false;
  if (a.element === null || b.element === null || a.segments.length !== b.segments.length) return true;
  const selector = ({ element }: typeof a): string => JSON.stringify(element?.where.map(String).sort()).toLowerCase();
  if (selector(a) !== selector(b)) return false;
  return a.element.sub === null || b.element.sub === null || a.element.sub.toLowerCase() === b.element.sub.toLowerCase();
}

function checkWhole(rules: readonly MappingRule[]): RuleProblem[] {
  const active = (target: string): number => rules.findIndex((rule) => rule.target === target && rule.when !== 'never');
  const userName = active('userName');
  if (userName < 0) return [{ index: 0, field: '', message: 'A user needs a userName: add a rule for it.' }];
  const { source } = rules[userName] ?? {};
  const compiled = source?.kind === 'expression' ? compileExpression(source.expression) : null;
  if (!compiled?.ok || !compiled.expression.isUnique) return [];
  // A name that was made up cannot tell whose it is.
  const id = rules[active('externalId')]?.source;
  const isOurs = id?.kind === 'direct' && id.path === 'externalId';
  const message = 'With a unique userName people are found again by externalId only: add the rule externalId from externalId.';
  return isOurs ? [] : [{ index: userName, field: 'source.expression', message }];
}
