import { ScimError } from '../../../server/src/scim/messages/error';
import { MAX_DEPTH, MAX_STRING_BYTES } from '../../../server/src/scim/schema/json';
import { normaliseResource } from '../../../server/src/scim/schema/normalise';
import { ENTERPRISE_USER_URN, GROUP_URN, USER_URN } from '../../../server/src/scim/schema/urns';

const user = (extra: object) => normaliseResource('User', { userName: 'ada', ...extra }).resource;

const refusal = (work: () => unknown): ScimError => {
  try {
    work();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('spelling', () => {
  it('brings attribute names to the schema’s spelling, however they are written', () => {
    const { resource } = normaliseResource('User', {
      USERNAME: 'ada',
      Name: { GIVENNAME: 'Ada' },
      [`${USER_URN}:displayName`]: 'Ada L.',
      [`${ENTERPRISE_USER_URN.toUpperCase()}`]: { DEPARTMENT: 'Maths' },
      [`${ENTERPRISE_USER_URN}:employeeNumber`]: '7',
      'name.familyName': 'Lovelace',
    });
    expect(resource).toEqual({
      schemas: [USER_URN, ENTERPRISE_USER_URN],
      userName: 'ada',
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      displayName: 'Ada L.',
      [ENTERPRISE_USER_URN]: { department: 'Maths', employeeNumber: '7' },
    });
  });

  it('takes a body without schemas and keeps schema URIs it does not know', () => {
    const adscim = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
    expect(normaliseResource('Group', { displayName: 'g' }).resource.schemas).toEqual([GROUP_URN]);
    expect(normaliseResource('Group', { schemas: [GROUP_URN, adscim], displayName: 'g' }).resource.schemas).toEqual([GROUP_URN, adscim]);
  });

  it('keeps attributes and extensions that no schema declares', () => {
    const urn = 'urn:example:custom:2.0:User';
    expect(user({ favouriteColour: 'blue', [urn]: { badge: 5 }, [`${urn}:door`]: 'north' })).toEqual({
      schemas: [USER_URN, urn],
      userName: 'ada',
      favouriteColour: 'blue',
      [urn]: { badge: 5, door: 'north' },
    });
    const old = 'urn:scim:schemas:extension:enterprise:1.0';
    expect(user({ [old]: { department: 'x' } })[old]).toEqual({ department: 'x' });
  });
});

describe('unassigned and readOnly', () => {
  it.each([[null], [''], [[]]])('reads %j as unassigned', (nothing) => {
    expect(user({ nickName: nothing, name: nothing, emails: nothing, active: nothing, [ENTERPRISE_USER_URN]: nothing })).toEqual({
      schemas: [USER_URN],
      userName: 'ada',
    });
  });

  it('drops id, meta and groups, so that a client cannot name another user', () => {
    expect(user({ id: 'other', meta: { version: '9' }, groups: [{ value: 'admins' }], [`${USER_URN}:id`]: 'x' })).toEqual({
      schemas: [USER_URN],
      userName: 'ada',
    });
  });

  it('drops the password and says so by name only', () => {
    const { resource, dropped } = normaliseResource('User', { userName: 'ada', PassWord: 'hunter2', [`${USER_URN}:password`]: 'x' });
    expect(resource).not.toHaveProperty('password');
    expect(dropped).toEqual(['password']);
  });

  it('keeps the empty member list of a group: it empties, an absent one does not', () => {
    expect(normaliseResource('Group', { displayName: 'g', members: [] }).resource.members).toEqual([]);
    expect(normaliseResource('Group', { displayName: 'g', members: null }).resource).not.toHaveProperty('members');
  });
});

describe('values', () => {
  it('takes the short forms that providers send', () => {
    expect(
      user({
        active: 'False',
        emails: ['a@example.org', { value: 'b@example.org', type: 'home', primary: 'True', $ref: null }],
        [ENTERPRISE_USER_URN]: { manager: 'boss-id' },
        roles: ['{"id":"1","value":"25","displayName":"Editor"}', { value: 'plain' }],
      })
    ).toMatchObject({
      active: false,
      emails: [{ value: 'a@example.org' }, { value: 'b@example.org', type: 'home', primary: true }],
      [ENTERPRISE_USER_URN]: { manager: { value: 'boss-id' } },
      roles: [{ value: '25', display: 'Editor' }, { value: 'plain' }],
    });
    expect(user({ [ENTERPRISE_USER_URN]: { manager: { managerId: 'boss', $ref: null } } })[ENTERPRISE_USER_URN]).toEqual({ manager: { value: 'boss' } });
  });

  it('leaves at most one value primary', () => {
    const { emails } = user({ emails: [{ value: 'a', primary: true }, { value: 'b', primary: true }] });
    expect(emails).toEqual([{ value: 'a', primary: true }, { value: 'b', primary: false }]);
  });

  it.each([
    ['userName', { userName: 5 }],
    ['active', { active: 'maybe' }],
    ['active', { active: 1 }],
    ['name', { name: 'Ada' }],
    ['name.givenName', { name: { givenName: { x: 1 } } }],
    ['emails', { emails: 'a@example.org' }],
    ['emails', { emails: [5] }],
    ['emails.value', { emails: [{ value: 5 }] }],
    ['emails.primary', { emails: [{ value: 'a', primary: 'perhaps' }] }],
    [`${ENTERPRISE_USER_URN}:manager`, { [ENTERPRISE_USER_URN]: { manager: ['a', 'b'] } }],
    ['schemas', { schemas: [5] }],
  ])('names %s when its value has the wrong type', (attribute, body) => {
    const error = refusal(() => user(body));
    expect(error).toMatchObject({ status: 400, scimType: 'invalidValue', attribute });
    expect(error.detail).toContain(attribute);
  });

  it.each([
    ['User', 'userName', {}],
    ['User', 'userName', { userName: '  ' }],
    ['User', 'userName', { userName: null }],
    ['Group', 'displayName', { displayName: '' }],
  ] as const)('requires %s.%s', (type, attribute, body) => {
    expect(refusal(() => normaliseResource(type, body))).toMatchObject({ scimType: 'invalidValue', attribute });
  });

  it('needs a value in every member', () => {
    for (const member of [{ display: 'x' }, { value: 5 }, { value: '' , type: 'User' }, 5]) {
      expect(refusal(() => normaliseResource('Group', { displayName: 'g', members: [member] })).scimType).toBe('invalidValue');
    }
  });

  it.each([[null], ['text'], [[]], [5]])('refuses %j as a body', (body) => {
    expect(refusal(() => normaliseResource('User', body))).toMatchObject({ status: 400, scimType: 'invalidSyntax' });
  });
});

describe('hostile input', () => {
  it('never reaches a prototype', () => {
    const body: unknown = JSON.parse(
      '{"userName":"ada","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"name":{"__proto__":{"polluted":1},"givenName":"A"},' +
        '"emails":[{"value":"a","constructor":{"x":1}}],"other":{"prototype":{"a":1},"b":{"__proto__":{"polluted":1}}},' +
        '"urn:x:__proto__":"v","__proto__:x":"v","urn:ietf:params:scim:schemas:core:2.0:User:__proto__":{"polluted":1},"urn:x:1:constructor":"v"}'
    );
    const before = Object.getOwnPropertyNames(Object.prototype);
    const { resource } = normaliseResource('User', body);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(resource)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(resource.name)).toBe(Object.prototype);
    expect(resource.name).toEqual({ givenName: 'A' });
    expect(resource.emails).toEqual([{ value: 'a' }]);
    expect(JSON.stringify(resource)).not.toMatch(/__proto__|constructor|prototype|polluted/);
  });

  it('limits nesting', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 10_000; level += 1) deep = [deep];
    expect(refusal(() => user({ anything: deep })).status).toBe(400);
    let fine: unknown = 'x';
    for (let level = 0; level < MAX_DEPTH; level += 1) fine = { a: fine };
    expect(user({ anything: fine }).anything).toEqual(fine);
  });

  it.each([
    ['a string over 64 kB', 'x'.repeat(MAX_STRING_BYTES + 1)],
    ['a string over 64 kB in UTF-8', 'é'.repeat(MAX_STRING_BYTES / 2 + 1)],
    ['NUL', 'a\u0000b'],
    ['half a surrogate pair', 'a\ud800b'],
  ])('refuses %s anywhere', (_name, text) => {
    for (const body of [{ userName: text }, { nickName: text }, { emails: [{ value: text }] }, { unknown: [{ deep: text }] }]) {
      expect(refusal(() => user(body))).toMatchObject({ status: 400, scimType: 'invalidValue' });
    }
  });

  it('takes a string of exactly 64 kB and whole surrogate pairs', () => {
    expect(user({ nickName: 'x'.repeat(MAX_STRING_BYTES), title: '😀' }).title).toBe('😀');
  });
});

describe('sizes', () => {
  it('refuses more values than any person has, before it walks them', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => ({ value: `a${index}@example.com` }));
    expect(() => normaliseResource('User', { userName: 'ada', emails: many })).toThrow(/emails: more than 1000 values/);
    const wide = Object.fromEntries(many.map(({ value }) => [value, 1]));
    expect(() => normaliseResource('User', { userName: 'ada', ...wide })).toThrow(/more than 1000 values/);
    const members = many.map((_, index) => ({ value: String(index) }));
    expect(normaliseResource('Group', { displayName: 'g', members }).resource.members).toHaveLength(1_001);
  });
});
