import fc from 'fast-check';
import type { Resource } from '../../../server/src/domain/resource/resource';
import { ScimError } from '../../../server/src/scim/messages/error';
import { applyPatch } from '../../../server/src/scim/patch/apply';
import { groupChanges } from '../../../server/src/scim/patch/group-changes';
import { withoutPasswords } from '../../../server/src/scim/patch/passwords';
import { parsePatchRequest } from '../../../server/src/scim/patch/request';
import { normaliseResource } from '../../../server/src/scim/schema/normalise';
import { ENTERPRISE_USER_URN, GROUP_URN, USER_URN } from '../../../server/src/scim/schema/urns';

const NAMES = [
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__proto__.polluted', 'constructor.prototype', 'constructor.prototype.polluted', 'name.__proto__',
  'name.constructor', '__proto__:x', 'constructor:x', 'urn:x:1:__proto__', 'urn:x:1:constructor', `${USER_URN}:__proto__`, `${ENTERPRISE_USER_URN}:constructor`, ENTERPRISE_USER_URN, USER_URN,
  `${ENTERPRISE_USER_URN}:manager`, `${ENTERPRISE_USER_URN}:manager.value`, 'urn:x:1:User', 'urn:x:1:User:a', 'userName', 'name', 'name.givenName', 'emails', 'emails.value', 'emails[type eq "work"]', 'emails[type eq "work"].value',
  'emails[type eq "new"].constructor', 'emails[constructor eq "x"].value', 'members', 'members[value eq "a"]', 'members[not (type eq "User")]', 'members[value eq "a"].display', 'emails[type eq "work"].note', 'name.note', 'unknown.constructor', 'urn:x:1:User:a.b', 'roles', 'active', 'schemas', 'id', 'meta.created', 'groups', 'unknown', 'unknown.sub', 'password', '', ' ',
];
const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: fc.string({ maxLength: 6 }) });
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(null, '', 'x', 'True', '{"__proto__":{"polluted":1}}', '{"value":"v","constructor":1}', 5, true, false, [], 'a\u0000'),
    fc.array(tie('value'), { maxLength: 3 }),
    // JSON.parse makes an own member `__proto__`, as a request body does.
    fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((entries) => JSON.parse(`{${entries.map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`).join(',')}}`) as unknown)
  ),
})).value;
const body = fc
  .array(fc.record({ op: fc.constantFrom('add', 'Replace', 'remove'), path: fc.option(name, { nil: undefined }), value: fc.option(value, { nil: undefined }) }), { minLength: 1, maxLength: 2 })
  .map((Operations) => ({ Operations }));

function frozen<T>(item: T): T {
  if (typeof item === 'object' && item !== null) Object.values(Object.freeze(item)).forEach(frozen);
  return item;
}

const user = (): Resource =>
  frozen({
    schemas: [USER_URN, ENTERPRISE_USER_URN],
    userName: 'ada',
    active: true,
    name: { givenName: 'Ada' },
    emails: [{ value: 'a', type: 'work', primary: true }, { value: 'b' }],
    [ENTERPRISE_USER_URN]: { manager: { value: 'm' } },
    unknown: 'kept',
  });

const snapshot = (): string => JSON.stringify([Object.prototype, Array.prototype, Function.prototype, String.prototype].map((prototype) => Object.getOwnPropertyNames(prototype)));

/** Plain data all the way down: nothing got another prototype, no dangerous member came through. */
function expectPlain(item: unknown): void {
  if (typeof item !== 'object' || item === null) return;
  expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(item));
  for (const [key, member] of Object.entries(item)) {
    expect(['__proto__', 'constructor', 'prototype']).not.toContain(key);
    expectPlain(member);
  }
}

function allowed<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof ScimError && error.status >= 400 && error.status < 500) return null;
    throw error;
  }
}

it('PATCH answers anything with plain data or a 4xx, never pollutes and never writes to its input', () => {
  const before = snapshot();
  let applied = 0;
  fc.assert(
    fc.property(body, (sent) => {
      const input = user();
      const copy = structuredClone(input);
      const operations = allowed(() => parsePatchRequest(sent));
      if (operations === null) return;
      frozen(operations);
      // As the server does: a password goes before anything else sees the operations.
      const result = allowed(() => applyPatch(input, withoutPasswords(operations, 'User').operations, 'User'));
      const group = allowed(() => groupChanges(operations, { schemas: [GROUP_URN], displayName: 'g' }));
      expectPlain(result);
      expectPlain(group);
      expect(input).toEqual(copy);
      expect(snapshot()).toBe(before);
      if (result === null) return;
      applied += 1;
      expect(typeof result.userName).toBe('string');
      expect(typeof result.active).toBe('boolean');
      const primaries = ((result.emails ?? []) as { primary?: boolean }[]).filter((email) => email.primary === true);
      expect(primaries.length).toBeLessThanOrEqual(1);
      // What a PATCH leaves behind is what a PUT of it would give.
      expect(normaliseResource('User', result).resource).toEqual(result);
    }),
    { numRuns: 3_000 }
  );
  expect(applied).toBeGreaterThan(100);
});

it('POST answers anything with plain data or a 4xx and never pollutes', () => {
  const before = snapshot();
  fc.assert(
    fc.property(value, fc.constantFrom('User' as const, 'Group' as const), (sent, type) => {
      const named = typeof sent === 'object' && sent !== null && !Array.isArray(sent) ? { ...sent, userName: 'u', displayName: 'd' } : sent;
      const result = allowed(() => normaliseResource(type, named));
      expectPlain(result);
      expect(snapshot()).toBe(before);
      if (result !== null) expect(normaliseResource(type, result.resource).resource).toEqual(result.resource);
    }),
    { numRuns: 2_000 }
  );
});
