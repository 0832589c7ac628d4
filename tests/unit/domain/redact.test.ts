import fc from 'fast-check';
import { redact, REDACTED } from '../../../server/src/domain/log/redact';

const SECRET = 'hunter2-Geheim';
const SECRET_NAMES = [
  'password', 'Password', 'newPassword', 'old_password', 'passwd', 'clientSecret', 'client_secret', 'secret', 'Authorization',
  'proxy-authorization', 'token', 'accessToken', 'access_token', 'refresh-token', 'bearerToken', 'idToken', 'apiKey', 'x-api-key',
  'registrationToken', 'confirmationToken', 'credential', 'Cookie', 'Set-Cookie', 'private_key',
  'urn:ietf:params:scim:schemas:core:2.0:User:password',
];
const secretName = fc.constantFrom(...SECRET_NAMES);
const name = fc.constantFrom('userName', 'value', 'emails', 'nested', 'list', 'title');

/** Anything JSON can hold, with the secret under a secret's name somewhere in it. */
const hiding = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
  leaf: secretName.chain((key) =>
    fc.oneof(
      fc.constant<unknown>({ [key]: SECRET }),
      fc.constant<unknown>({ [key]: { value: SECRET } }),
      fc.constant<unknown>({ [key]: [SECRET, { a: SECRET }] }),
      fc.constant<unknown>({ op: 'replace', path: key, value: SECRET }),
      fc.constant<unknown>({ path: key, before: SECRET, after: [SECRET] })
    )
  ),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.tuple(name, tie('tree'), fc.jsonValue()).map(([key, below, other]) => ({ [key]: below, other })),
    fc.tuple(tie('tree'), fc.jsonValue()).map(([below, other]) => [other, below])
  ),
})).tree;

describe('redact', () => {
  it('lets no secret survive, wherever it stands', () => {
    fc.assert(
      fc.property(hiding, (value) => {
        expect(JSON.stringify(redact(value))).not.toContain(SECRET);
      }),
      { numRuns: 1_000 }
    );
  });

  // Fields of Strapi's own users and of what applications answer.
  it.each(['resetPasswordToken', 'sessionToken', 'csrfToken', 'passwordHash', 'jwt', 'secretAccessKey', 'passphrase'])(
    'hides the value of %s',
    (key) => {
      expect(JSON.stringify(redact({ [key]: SECRET }))).not.toContain(SECRET);
    }
  );

  it('hides a change below a secret attribute as it hides the attribute itself', () => {
    const path = 'urn:example:2.0:User:apiKey.value';
    expect(JSON.stringify(redact([{ path, before: null, after: SECRET }]))).not.toContain(SECRET);
  });

  it('hides the value of an operation whose members are spelt in capitals', () => {
    expect(JSON.stringify(redact({ Operations: [{ Op: 'Replace', Path: 'password', Value: SECRET }] }))).not.toContain(SECRET);
  });

  it.each([`password[value eq "${SECRET}"]`, `emails[password eq "${SECRET}"].value`, `urn:x:User:password[value eq "${SECRET}`, `password[value eq ${SECRET}]`])(
    'hides what a path about a password compares it with: %s',
    (path) => {
      const copy = JSON.stringify(redact({ Operations: [{ op: 'remove', path }, { op: 'add', value: { [path]: 'x' } }] }));
      expect(copy).not.toContain(SECRET);
      expect(copy).toMatch(/password|emails/);
    }
  );

  it('leaves the filters of other paths', () => {
    const operation = { op: 'remove', path: 'emails[value eq "a@example.org"]' };
    expect(redact(operation)).toEqual(operation);
  });

  it('names what it has hidden', () => {
    expect(redact({ userName: 'ada', password: SECRET })).toEqual({ userName: 'ada', password: REDACTED });
  });

  it('leaves everything else as it is, and its input alone', () => {
    const value = { userName: 'ada', active: false, count: 0, none: null, list: [1, 'a', { b: true }], tokenize: 'x', secretary: 'y', path: 'title', value: 'Boss' };
    const before = structuredClone(value);
    expect(redact(value)).toEqual(before);
    const secret = { password: SECRET };
    redact(secret);
    expect(secret.password).toBe(SECRET);
  });

  it('cuts what is long, wide and deep', () => {
    const long = redact('x'.repeat(5_000));
    expect(String(long).length).toBeLessThan(2_100);
    expect(String(long)).toContain('5000 characters');
    const wide = redact(Array.from({ length: 100_000 }, () => 1)) as unknown[];
    expect(wide).toHaveLength(51);
    let deep: unknown = SECRET;
    for (let level = 0; level < 10_000; level += 1) deep = { a: deep };
    expect(JSON.stringify(redact(deep))).not.toContain(SECRET);
  });

  it('copies a member called __proto__ as a member', () => {
    const value: unknown = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}');
    const copy = redact(value);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"polluted":true},"a":1}');
    expect((copy as Record<string, unknown>).polluted).toBeUndefined();
  });
});

it('a path too long to be looked through, and an object with too many members to find one, hide their value', () => {
  expect(redact({ op: 'replace', path: `${'a'.repeat(2_001)}`, value: 'x' })).toMatchObject({ value: '[redacted]' });
  expect(redact({ value: 'x', ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`m${index}`, 1])), path: 'password' })).toMatchObject({ value: '[redacted]' });
});
