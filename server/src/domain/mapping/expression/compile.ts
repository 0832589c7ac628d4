import type { Resource } from '../../resource/resource';
import { ENTERPRISE_USER_URN, STRAPI_USER_URN } from '../../../scim/schema/urns';
import { EXHAUSTED, isExhausted, LIMITS, refill } from './budget';
import { FUNCTIONS, LANGUAGE, PATTERN_FUNCTIONS } from './language';
import { callOf, guardNodes, loosenNull, nodesOf, type Node } from './nodes';
import { compilePattern } from './patterns';
import { fromExpression, toExpression } from './values';

/** Why an expression cannot be used, in a sentence; line and column count from 1. */
export interface ExpressionProblem {
  message: string;
  line: number;
  column: number;
}

export interface CompiledExpression {
  /** Whether the result may depend on what is free at the target. */
  isUnique: boolean;
  /** The value as plain JSON, null for nothing. */
  evaluate(user: Resource): { ok: true; value: unknown } | { ok: false; problem: ExpressionProblem };
}

export type Compilation = { ok: true; expression: CompiledExpression } | { ok: false; problem: ExpressionProblem };

const KNOWN = new Map<string, Compilation>();
const MAX_KNOWN = 1_000;

/** Reads and checks an expression. Never throws; the same text is compiled once. */
export function compileExpression(source: string): Compilation {
  const known = KNOWN.get(source);
  if (known !== undefined) return known;
  const compiled = compile(source);
  if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
  KNOWN.set(source, compiled);
  return compiled;
}

function compile(source: string): Compilation {
  if (source.trim() === '') return { ok: false, problem: { message: 'Enter an expression.', line: 1, column: 1 } };
  if (source.length > LIMITS.source) {
    return { ok: false, problem: { message: `An expression has at most ${LIMITS.source.toLocaleString('en')} characters.`, line: 1, column: 1 } };
  }
  refill();
  try {
    const parsed = LANGUAGE.parse(source);
    const nodes = nodesOf(parsed.ast);
    const calls = nodes.flatMap((node) => callOf(node) ?? []);
    const refused = nodes.find((node) => isRefused(node));
    if (refused !== undefined) return { ok: false, problem: problemAt(source, refused.start, refusedMessage(callOf(refused)?.name ?? '')) };
    for (const { name, args } of calls) {
      const pattern = PATTERN_FUNCTIONS.has(name) ? args[1] : undefined;
      if (pattern?.op !== 'value' || typeof pattern.args !== 'string') continue;
      try {
        compilePattern(pattern.args);
      } catch (error) {
        return { ok: false, problem: { ...problemOf(source, error), ...positionAt(source, pattern.start) } };
      }
    }
    loosenNull(nodes);
    const { valid, error } = parsed.check();
    if (!valid) return { ok: false, problem: problemOf(source, error) };
    // What checking made of macros stands in the tree only now.
    guardNodes(nodesOf(parsed.ast));
    return { ok: true, expression: { isUnique: calls.some(({ name }) => name === 'uniqueValue'), evaluate: (user) => evaluate(source, parsed, user) } };
  } catch (error) {
    return { ok: false, problem: problemOf(source, error) };
  }
}

const isRefused = (node: Node): boolean => {
  const call = callOf(node);
  return call !== null && !FUNCTIONS.has(call.name);
};

const refusedMessage = (name: string): string =>
  name === 'matches' ? 'matches() is not available; use regexMatch(text, pattern).' : `There is no function ${name}().`;

/** One copy per person for all their rules. */
const CONTEXTS = new WeakMap<Resource, Record<string, unknown>>();

function contextOf(user: Resource): Record<string, unknown> {
  const known = CONTEXTS.get(user);
  if (known !== undefined) return known;
  const copy = toExpression(user) as Record<string, unknown>;
  const context = { user: copy, enterprise: copy[ENTERPRISE_USER_URN] ?? null, strapi: copy[STRAPI_USER_URN] ?? null };
  CONTEXTS.set(user, context);
  return context;
}

function evaluate(source: string, run: (context: Record<string, unknown>) => unknown, user: Resource): ReturnType<CompiledExpression['evaluate']> {
  refill();
  try {
    const value = run(contextOf(user));
    if (!isExhausted()) return { ok: true, value: fromExpression(value) };
  } catch (error) {
    if (!isExhausted()) return { ok: false, problem: problemOf(source, error) };
  }
  // `||`, `all` and their like may have swallowed it, or thrown an earlier error.
  return { ok: false, problem: problemAt(source, 0, EXHAUSTED) };
}

function positionAt(source: string, offset: number): { line: number; column: number } {
  const lines = source.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

const problemAt = (source: string, offset: number, message: string): ExpressionProblem => ({ message, ...positionAt(source, offset) });

/** The sentence for a code of the language; its own words are for programmers. */
function sentenceOf(code: unknown, summary: string): string {
  switch (code) {
    case 'unknown_variable':
      return `${summary}. A person is “user”, with “enterprise” and “strapi” for the extensions; texts stand in quotes.`;
    case 'no_such_overload':
      return /\bnull\b/.test(summary)
        ? 'A value is empty here and cannot be calculated with. Use join([...], " ") for texts, or coalesce(value, "").'
        : `These values do not go together: ${summary.replace(/^no such overload: /, '')}.`;
    case 'no_matching_overload':
      return `The function does not take this number or kind of arguments: ${summary.replace(/^found no matching overload for /, '')}.`;
    case 'limit_exceeded':
      return `The expression is too large: ${summary}.`;
    default:
      return /[.!?]$/.test(summary) ? summary : `${summary}.`;
  }
}

function problemOf(source: string, error: unknown): ExpressionProblem {
  if (!(error instanceof Error) || !('summary' in error)) {
    // The stack or a library gave up: nothing that a position helps with.
    return { message: 'The expression is too complicated.', line: 1, column: 1 };
  }
  const { code, summary, range } = error as Error & { code?: unknown; summary: unknown; range?: { start: number } };
  return problemAt(source, range?.start ?? 0, sentenceOf(code, typeof summary === 'string' ? summary : 'The expression cannot be used'));
}
