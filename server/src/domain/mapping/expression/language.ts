import { Environment } from '@marcbachmann/cel-js';
import { count, isEmpty, list, member, text } from './arguments';
import { fault, LIMITS, measured } from './budget';
import { formatDate, parseDate } from './dates';
import { regexExtract, regexMatch, regexReplace } from './patterns';
import { after, before, cut, cutRight, joined, numbered, replaceAll, titleCase, withoutDiacritics } from './texts';
import { UniqueValue } from './values';

/** What of the language itself may be called. `matches` is not: it uses patterns that can hang. */
const OF_THE_LANGUAGE = [
  'size', 'startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'indexOf', 'lastIndexOf', 'has', 'all', 'exists', 'exists_one',
  'map', 'filter', 'string', 'int', 'double', 'bool', 'dyn', 'bind', 'of', 'none', 'hasValue', 'value', 'or', 'orValue',
];

const MOST_ARGUMENTS = 8;

type Handler = (...args: unknown[]) => unknown;

const texts = (args: unknown[], name: string): string[] => args.map((item) => text(item, name));

/** Functions of one text, which answer nothing for nothing. */
const OF_TEXT: Record<string, (value: string) => string> = {
  lower: (value) => value.toLowerCase(),
  upper: (value) => value.toUpperCase(),
  title: titleCase,
  trim: (value) => value.trim(),
  normalizeDiacritics: withoutDiacritics,
};

/** Functions of texts only. */
const OF_TEXTS: Record<string, { arity: number[]; run: (...args: string[]) => unknown }> = {
  replace: { arity: [3], run: replaceAll },
  split: { arity: [2], run: (value, separator) => (value === '' ? [] : measured(value.split(separator))) },
  before: { arity: [2], run: (value, separator) => before(value, separator) },
  after: { arity: [2], run: (value, separator) => after(value, separator) },
  beforeLast: { arity: [2], run: (value, separator) => before(value, separator, true) },
  afterLast: { arity: [2], run: (value, separator) => after(value, separator, true) },
  regexMatch: { arity: [2], run: regexMatch },
  regexExtract: { arity: [2], run: regexExtract },
  regexReplace: { arity: [3], run: regexReplace },
  formatDate: { arity: [2, 3], run: formatDate },
  parseDate: { arity: [2], run: parseDate },
};

const elementWhere = (items: unknown, name: string, attribute: string, wanted: unknown): unknown =>
  list(items, name).find((item) => {
    const held = member(item, attribute);
    return typeof held === 'string' && typeof wanted === 'string' ? held.toLowerCase() === wanted.toLowerCase() : held === wanted;
  }) ?? null;

const firstFilled = (values: unknown[]): unknown => values.find((value) => !isEmpty(value)) ?? null;

function chosen(value: unknown, table: unknown, otherwise: unknown): unknown {
  const key = text(value, 'switch');
  return typeof table === 'object' && table !== null && Object.hasOwn(table, key) ? member(table, key) : otherwise;
}

function unique(values: unknown[]): UniqueValue {
  const names = values.flatMap((value) => (Array.isArray(value) ? texts(value, 'uniqueValue') : [text(value, 'uniqueValue')]));
  const candidates = [...new Set(names.filter((name) => name !== ''))];
  if (candidates.length > LIMITS.candidates) throw fault(`uniqueValue() takes at most ${LIMITS.candidates} names.`);
  return new UniqueValue(candidates);
}

/** The rest: of lists, numbers and anything. */
const OTHERS: Record<string, { arity: number[]; run: Handler }> = {
  join: {
    arity: [2],
    // What is empty is left out, so that no separator is left over.
    run: (items, separator) => joined(list(items, 'join').filter((item) => !isEmpty(item)).map((item) => text(item, 'join')), text(separator, 'join')),
  },
  substring: {
    arity: [2, 3],
    run: (value, start, length = BigInt(LIMITS.text)) => cut(text(value, 'substring'), count(start, 'substring'), count(length, 'substring')),
  },
  left: { arity: [2], run: (value, length) => cut(text(value, 'left'), 0, count(length, 'left')) },
  right: { arity: [2], run: (value, length) => cutRight(text(value, 'right'), count(length, 'right')) },
  isEmpty: { arity: [1], run: isEmpty },
  coalesce: { arity: [2, 3, 4, 5, 6, 7, 8], run: (...values) => firstFilled(values) },
  default: { arity: [2], run: (...values) => firstFilled(values) },
  switch: { arity: [2, 3], run: (value, table, otherwise = null) => chosen(value, table, otherwise) },
  first: { arity: [1], run: (items) => list(items, 'first')[0] ?? null },
  last: { arity: [1], run: (items) => list(items, 'last').at(-1) ?? null },
  pick: { arity: [3], run: (items, attribute, wanted) => elementWhere(items, 'pick', text(attribute, 'pick'), wanted) },
  primary: { arity: [1], run: (items) => elementWhere(items, 'primary', 'primary', true) ?? list(items, 'primary')[0] ?? null },
  numbered: { arity: [2], run: (value, upTo) => numbered(text(value, 'numbered'), count(upTo, 'numbered')) },
};

const signature = (name: string, arity: number, result: string): string => `${name}(${Array.from({ length: arity }, () => 'dyn').join(', ')}): ${result}`;

function makeLanguage(): Environment {
  const language = new Environment({
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: {
      maxAstNodes: LIMITS.nodes, maxDepth: LIMITS.depth, maxListElements: LIMITS.literals, maxMapEntries: LIMITS.literals, maxCallArguments: MOST_ARGUMENTS,
    },
  });
  language.registerType('UniqueValue', UniqueValue);
  for (const name of VARIABLES) language.registerVariable(name, 'dyn');
  const register = (name: string, arity: number, result: string, handler: Handler): void =>
    void language.registerFunction(signature(name, arity, result), { handler, async: false });
  for (const [name, run] of Object.entries(OF_TEXT)) register(name, 1, 'string', (value) => measured(run(text(value, name))));
  for (const [name, { arity, run }] of Object.entries(OF_TEXTS)) {
    for (const number of arity) register(name, number, 'dyn', (...args) => run(...texts(args, name)));
  }
  for (const [name, { arity, run }] of Object.entries(OTHERS)) {
    for (const number of arity) register(name, number, 'dyn', run);
  }
  for (let number = 1; number <= MOST_ARGUMENTS; number += 1) register('uniqueValue', number, 'UniqueValue', (...values) => unique(values));
  return language;
}

/** `user` is the person as SCIM resource; the others are short for its extensions. */
export const VARIABLES = ['user', 'enterprise', 'strapi'] as const;

export const PATTERN_FUNCTIONS: ReadonlySet<string> = new Set(['regexMatch', 'regexExtract', 'regexReplace']);

export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...OF_THE_LANGUAGE, ...Object.keys(OF_TEXT), ...Object.keys(OF_TEXTS), ...Object.keys(OTHERS), 'uniqueValue',
]);

export const LANGUAGE = makeLanguage();
