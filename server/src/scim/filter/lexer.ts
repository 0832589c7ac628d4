import { ScimError, quoted } from '../messages/error';

/** What the parser reads. `adjacent`: no blank before it, which a sub-attribute behind `]` needs. */
export type Token =
  | { kind: '(' | ')' | '[' | ']'; at: number; adjacent: boolean }
  | { kind: 'string'; value: string; at: number; adjacent: boolean }
  | { kind: 'number'; value: number; at: number; adjacent: boolean }
  | { kind: 'word'; text: string; at: number; adjacent: boolean };

/** Text as long as this is read, no longer: 8 kB. */
export const MAX_FILTER_LENGTH = 8_192;

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export const invalidFilter = (detail: string): ScimError => new ScimError(400, detail, 'invalidFilter');

const isBlank = (char: string): boolean => char === ' ' || char === '\t' || char === '\r' || char === '\n';

/** Characters of attribute names and URNs; which of them may stand where is the parser's to say. */
const isWordChar = (char: string): boolean => {
  const code = char.charCodeAt(0);
  return (
    (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || ':._-$/%~+'.includes(char)
  );
};

/** Splits a filter into tokens in one pass: every character is looked at once, without regular expressions over the text. */
export function tokenize(text: string): Token[] {
  if (text.length > MAX_FILTER_LENGTH) throw invalidFilter(`The filter is longer than ${MAX_FILTER_LENGTH} characters.`);
  const tokens: Token[] = [];
  let at = 0;
  let adjacent = false;
  while (at < text.length) {
    const char = text.charAt(at);
    const start = at;
    if (isBlank(char)) {
      at += 1;
      adjacent = false;
      continue;
    }
    if (char === '(' || char === ')' || char === '[' || char === ']') {
      at += 1;
      tokens.push({ kind: char, at: start, adjacent });
    } else if (char === '"') {
      at = endOfString(text, start);
      tokens.push({ kind: 'string', value: stringValue(text.slice(start, at), start), at: start, adjacent });
    } else if (isWordChar(char)) {
      while (at < text.length && isWordChar(text.charAt(at))) at += 1;
      tokens.push(wordOrNumber(text.slice(start, at), start, adjacent));
    } else {
      throw invalidFilter(`Unexpected character at position ${start + 1}.`);
    }
    adjacent = true;
  }
  return tokens;
}

/** Position behind the closing quote. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '"') return at + 1;
  }
  throw invalidFilter(`The string that begins at position ${start + 1} has no closing quote.`);
}

function stringValue(literal: string, start: number): string {
  let value: unknown;
  try {
    value = JSON.parse(literal);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'string') throw invalidFilter(`The string at position ${start + 1} is not a JSON string.`);
  // A database refuses both; they can match nothing, because no stored value holds them.
  if (value.includes('\u0000') || /[\ud800-\udfff]/u.test(value)) {
    throw invalidFilter(`The string at position ${start + 1} holds a character that is not text.`);
  }
  return value;
}

function wordOrNumber(text: string, at: number, adjacent: boolean): Token {
  const first = text.charAt(0);
  if (first !== '-' && first !== '+' && (first < '0' || first > '9')) return { kind: 'word', text, at, adjacent };
  const value = JSON_NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw invalidFilter(`${quoted(text)} at position ${at + 1} is neither an attribute nor a number.`);
  return { kind: 'number', value, at, adjacent };
}
