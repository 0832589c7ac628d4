import { RE2JS } from 're2js';
import { charge, fault, LIMITS, measured } from './budget';

/** RE2: the time to match grows with the text, never faster. Patterns are few, they are compiled once. */
const COMPILED = new Map<string, RE2JS>();
const MAX_COMPILED = 200;

/** Throws a fault with the reason. */
export function compilePattern(pattern: string): RE2JS {
  const known = COMPILED.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > LIMITS.pattern) throw fault(`The pattern is longer than ${LIMITS.pattern} characters.`);
  let compiled: RE2JS;
  // Dear, and the pattern may be put together from a person's data.
  charge(500);
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    throw fault(`The pattern cannot be used: ${error instanceof Error ? error.message : 'it is not valid'}.`);
  }
  if (compiled.programSize() > LIMITS.program) throw fault('The pattern is too complicated.');
  if (COMPILED.size >= MAX_COMPILED) COMPILED.clear();
  COMPILED.set(pattern, compiled);
  return compiled;
}

function prepared(text: string, pattern: string): RE2JS {
  const compiled = compilePattern(pattern);
  charge(1 + (text.length * compiled.programSize()) / 256);
  return compiled;
}

export const regexMatch = (text: string, pattern: string): boolean => prepared(text, pattern).test(text);

/** The first group of the first match, or the whole match of a pattern without groups; null without a match. */
export function regexExtract(text: string, pattern: string): string | null {
  const match = prepared(text, pattern).exec(text) as (string | null | undefined)[] | null;
  return match === null ? null : ((match.length > 1 ? match[1] : match[0]) ?? null);
}

/** `$1` in the replacement is the first group. */
export function regexReplace(text: string, pattern: string, replacement: string): string {
  const compiled = prepared(text, pattern);
  charge((text.length * (replacement.length + 1)) / 256);
  try {
    return measured(compiled.matcher(text).replaceAll(replacement));
  } catch (error) {
    throw fault(`The replacement cannot be used: ${error instanceof Error ? error.message : 'it is not valid'}.`);
  }
}
