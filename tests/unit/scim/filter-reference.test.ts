/**
 * Lexer, parser and evaluator against a second implementation that was written from RFC 7644 section 3.4.2.2 alone: it
 * works on the text of the filter with a table of what each attribute holds, and shares no code with the first.
 */
import fc from 'fast-check';
import { matches } from '../../../server/src/scim/filter/evaluate';
import { parseFilter } from '../../../server/src/scim/filter/parser';
import type { Resource } from '../../../server/src/domain/resource/resource';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

type Scalar = string | number | boolean | null;

/** A filter as a tree of its own, with the text it is written as. */
type Node =
  | { is: 'test'; at: string; op: string; value: Scalar }
  | { is: 'has'; at: string }
  | { is: 'some'; list: string; inner: Node; sub: string | null; op: string; value: Scalar }
  | { is: 'and' | 'or'; parts: [Node, Node] }
  | { is: 'not'; part: Node };

interface Style {
  upper: boolean;
  blanks: string;
  urn: boolean;
}

const EXACT = new Set(['externalId', 'profileUrl', 'id']);
const TIMES = new Set(['meta.created']);

/** Values of an attribute by its dotted name; a list of lists for sub-attributes: one entry per element, undefined where it lacks it. */
function valuesAt(user: Resource, at: string): (Scalar | undefined)[] {
  const [first = '', second] = at.split('.');
  const holder = ['department', 'manager'].includes(first) ? (user[ENTERPRISE] as Record<string, unknown> | undefined) : user;
  const held = holder?.[first];
  const elements = held === undefined || held === null ? [] : Array.isArray(held) ? held : [held];
  if (elements.length === 0) return [undefined];
  return elements.map((element: unknown) => {
    if (typeof element !== 'object' || element === null) return element as Scalar;
    const value = (element as Record<string, Scalar | undefined>)[second ?? 'value'];
    return value === '' || value === null ? undefined : value;
  });
}

const simple = (text: string, at: string): string => (EXACT.has(at) ? text : text.toLowerCase());

function test(value: Scalar | undefined, op: string, wanted: Scalar, at: string): boolean {
  if (op === 'ne') return !test(value, 'eq', wanted, at);
  if (value === undefined) return op === 'eq' && wanted === null;
  if (wanted === null) return false;
  let [left, right]: [string | number | boolean | null, string | number | boolean] = [value, wanted];
  if (typeof left === 'boolean') left = String(left);
  if (typeof right === 'boolean') right = String(right);
  if (TIMES.has(at)) [left, right] = [new Date(String(left)).getTime(), typeof right === 'number' ? right : new Date(right).getTime()];
  if (typeof left === 'string' && typeof right === 'string') [left, right] = [simple(left, at), simple(right, at)];
  if (typeof left !== typeof right || left === null) return false;
  if (Number.isNaN(left) || Number.isNaN(right)) return false;
  switch (op) {
    case 'eq':
      return left === right;
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
    case 'co':
      return typeof left === 'string' && left.indexOf(String(right)) >= 0;
    case 'sw':
      return typeof left === 'string' && left.slice(0, String(right).length) === right;
    default:
      return typeof left === 'string' && left.length >= String(right).length && left.slice(left.length - String(right).length) === right;
  }
}

function holds(node: Node, user: Resource): boolean {
  switch (node.is) {
    case 'and':
      return node.parts.every((part) => holds(part, user));
    case 'or':
      return node.parts.some((part) => holds(part, user));
    case 'not':
      return !holds(node.part, user);
    case 'has': {
      // A complex attribute is present with any of its parts, not only its value.
      const held = user[node.at];
      if (typeof held === 'object' && held !== null) return JSON.stringify(held) !== '{}' && JSON.stringify(held) !== '[]';
      return valuesAt(user, node.at).some((value) => value !== undefined && value !== '');
    }
    case 'test':
      return valuesAt(user, node.at).some((value) => test(value === '' ? undefined : value, node.op, node.value, node.at));
    case 'some': {
      const list = (user[node.list] ?? []) as Record<string, Scalar>[];
      return list.some((element) => {
        const alone: Resource = { schemas: [], ...element };
        if (!holds(node.inner, alone)) return false;
        if (node.sub === null) return true;
        return test(element[node.sub] === '' ? undefined : element[node.sub], node.op, node.value, node.sub);
      });
    }
  }
}

const literal = (value: Scalar): string => (typeof value === 'string' ? `"${value.replace(/[\\"]/g, '\\$&').replace(/é/g, '\\u00e9')}"` : String(value));

function write(node: Node, style: Style): string {
  const word = (text: string): string => (style.upper ? text.toUpperCase() : text);
  const space = ` ${style.blanks}`;
  const urnOf = (at: string): string => (/^(department|manager)/.test(at) ? `${ENTERPRISE}:` : style.urn ? `${CORE}:` : '');
  switch (node.is) {
    case 'and':
    case 'or':
      return `(${write(node.parts[0], style)})${space}${word(node.is)}${space}(${write(node.parts[1], style)})`;
    case 'not':
      return `${word('not')}${space}(${style.blanks}${write(node.part, style)}${style.blanks})`;
    case 'has':
      return `${urnOf(node.at)}${word(node.at)}${space}${word('pr')}`;
    case 'test':
      return `${urnOf(node.at)}${word(node.at)}${space}${word(node.op)}${space}${literal(node.value)}`;
    case 'some': {
      const inner = write(node.inner, { ...style, urn: false });
      return `${urnOf(node.list)}${word(node.list)}[${style.blanks}${inner}${style.blanks}]${node.sub === null ? '' : `.${word(node.sub)}${space}${word(node.op)}${space}${literal(node.value)}`}`;
    }
  }
}

const WORDS = ['a', 'A', 'b', 'ab', 'Ba', 'é', 'a"b', 'a\\b', 'c', '', '10', 'true', 'False', '%', '2026-01-01T00:00:00Z', '2025-12-31T23:00:00-01:00'];
const word = fc.constantFrom(...WORDS);
const held = fc.constantFrom(...WORDS.filter((text) => text !== ''));
const scalar: fc.Arbitrary<Scalar> = fc.oneof({ weight: 6, arbitrary: word as fc.Arbitrary<Scalar> }, fc.constantFrom<Scalar>(0, 1, 2.5, -1), fc.boolean(), fc.constant(null));
const operation = fc
  .tuple(fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'), scalar)
  .filter(([op, value]) => (value === null || typeof value === 'boolean' ? op === 'eq' || op === 'ne' : typeof value === 'string' || !['co', 'sw', 'ew'].includes(op)))
  .map(([op, value]) => ({ op, value }));

function trees(leaf: fc.Arbitrary<Node>, depth: number): fc.Arbitrary<Node> {
  if (depth === 0) return leaf;
  const below = trees(leaf, depth - 1);
  return fc.oneof(
    { weight: 2, arbitrary: leaf },
    { weight: 2, arbitrary: fc.record({ is: fc.constantFrom('and' as const, 'or' as const), parts: fc.tuple(below, below) }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('not' as const), part: below }) }
  );
}

const tests = (names: string[]): fc.Arbitrary<Node> =>
  fc
    .tuple(fc.constantFrom(...names), operation)
    // A point in time has neither beginning nor end.
    .filter(([at, { op }]) => !TIMES.has(at) || !['co', 'sw', 'ew'].includes(op))
    .map(([at, { op, value }]): Node => ({ is: 'test', at, op, value }));
const has = (names: string[]): fc.Arbitrary<Node> => fc.constantFrom(...names).map((at): Node => ({ is: 'has', at }));

const inElement = trees(fc.oneof({ weight: 4, arbitrary: tests(['value', 'type', 'primary']) }, { weight: 1, arbitrary: has(['value', 'type', 'primary']) }), 2);
const some: fc.Arbitrary<Node> = fc
  .tuple(fc.constantFrom('emails', 'phoneNumbers'), inElement, fc.option(fc.tuple(fc.constantFrom('value', 'type', 'primary'), operation), { nil: null }))
  .map(([list, inner, last]): Node => ({ is: 'some', list, inner, sub: last?.[0] ?? null, op: last?.[1].op ?? '', value: last?.[1].value ?? null }));
const filters = trees(
  fc.oneof(
    { weight: 6, arbitrary: tests(['userName', 'title', 'externalId', 'profileUrl', 'active', 'name.givenName', 'emails', 'emails.value', 'emails.type', 'emails.primary', 'department', 'manager.value', 'manager', 'meta.created', 'shoeSize']) },
    { weight: 1, arbitrary: has(['userName', 'title', 'active', 'name', 'name.givenName', 'emails', 'emails.type', 'department', 'shoeSize']) },
    { weight: 2, arbitrary: some }
  ),
  3
);

const list = fc.array(fc.record({ value: held, type: held, primary: fc.boolean() }, { requiredKeys: ['value'] }), { maxLength: 3 });
const users: fc.Arbitrary<Resource> = fc
  .record(
    {
      userName: held, title: word, externalId: held, profileUrl: held, active: fc.boolean(), shoeSize: fc.constantFrom<Scalar>(0, 1, 2.5, 'a', true), emails: list, phoneNumbers: list,
      name: fc.record({ givenName: held, familyName: held }, { requiredKeys: [] }),
      [ENTERPRISE]: fc.record({ department: held, manager: fc.record({ value: held, displayName: held }, { requiredKeys: ['displayName'] }) }, { requiredKeys: [] }),
      meta: fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z').map((created) => ({ resourceType: 'User', created })),
    },
    { requiredKeys: ['userName'] }
  )
  .map((user) => ({ schemas: [CORE], ...user }) as Resource);
const styles = fc.record({ upper: fc.boolean(), blanks: fc.constantFrom('', ' ', '   '), urn: fc.boolean() });

it('parser and evaluator agree with the second implementation on 10,000 filters', () => {
  let hits = 0;
  fc.assert(
    fc.property(filters, users, styles, (filter, user, style) => {
      const text = write(filter, style);
      const expected = holds(filter, user);
      if (expected) hits += 1;
      if (matches(parseFilter(text), user, 'User') !== expected) throw new Error(`${text}\n${JSON.stringify(user)}\nshould be ${expected}`);
    }),
    { numRuns: 10_000 }
  );
  expect(hits).toBeGreaterThan(2_000);
  expect(hits).toBeLessThan(8_000);
});
