import type { Resource } from '../../../server/src/domain/resource/resource';
import { applyPatch } from '../../../server/src/scim/patch/apply';
import { MAX_PATCH_OPERATIONS, parsePatchRequest } from '../../../server/src/scim/patch/request';
import { ENTERPRISE_USER_URN, USER_URN } from '../../../server/src/scim/schema/urns';

const ada = (): Resource => ({
  schemas: [USER_URN, ENTERPRISE_USER_URN],
  id: 'ada-id',
  userName: 'ada',
  active: true,
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [
    { value: 'work@example.org', type: 'work', primary: true },
    { value: 'home@example.org', type: 'home' },
  ],
  groups: [{ value: 'g1' }],
  meta: { resourceType: 'User' },
  [ENTERPRISE_USER_URN]: { department: 'Maths', manager: { value: 'boss', $ref: 'https://x/Users/boss' } },
});

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

/** Through the parser, onto a frozen resource: writing to the input would throw. */
const patched = (...operations: object[]): Resource => applyPatch(frozen(ada()), parsePatchRequest({ Operations: operations }), 'User');
const refused = (...operations: object[]): unknown => {
  try {
    return patched(...operations);
  } catch (error) {
    return error;
  }
};
const work = (extra: object = {}) => ({ value: 'work@example.org', type: 'work', primary: true, ...extra });
const home = (extra: object = {}) => ({ value: 'home@example.org', type: 'home', ...extra });

describe('request', () => {
  it.each([
    [{}, 400, 'invalidSyntax'],
    [{ Operations: { op: 'add', path: 'title', value: 'x' } }, 400, 'invalidSyntax'],
    [{ Operations: [] }, 400, 'invalidSyntax'],
    [{ Operations: ['x'] }, 400, 'invalidSyntax'],
    [{ Operations: [{ op: 'move', path: 'title', value: 'x' }] }, 400, 'invalidSyntax'],
    [{ Operations: [{ path: 'title', value: 'x' }] }, 400, 'invalidSyntax'],
    [{ Operations: [{ op: 'add', path: 'title' }] }, 400, 'invalidSyntax'],
    [{ Operations: [{ op: 'replace', value: 'x' }] }, 400, 'invalidValue'],
    [{ Operations: [{ op: 'remove' }] }, 400, 'noTarget'],
    [{ Operations: [{ op: 'remove', path: 5 }] }, 400, 'invalidPath'],
    [{ Operations: [{ op: 'remove', path: 'emails[' }] }, 400, 'invalidPath'],
    [{ Operations: Array.from({ length: MAX_PATCH_OPERATIONS + 1 }, () => ({ op: 'add', path: 'title', value: 'x' })) }, 413, undefined],
    [null, 400, 'invalidSyntax'],
  ])('refuses %#', (body, status, scimType) => {
    expect(() => parsePatchRequest(body)).toThrow(expect.objectContaining({ status, scimType }));
  });

  it('takes capitals, no schemas, members in any case', () => {
    expect(parsePatchRequest({ operations: [{ OP: 'Replace', Path: 'title', Value: 'x' }] })).toMatchObject([{ op: 'replace', value: 'x' }]);
  });
});

describe('RFC 7644 section 3.5.2', () => {
  it('sets, replaces and removes a singular attribute; add on it replaces', () => {
    expect(patched({ op: 'add', path: 'userName', value: 'new' }).userName).toBe('new');
    expect(patched({ op: 'replace', path: 'title', value: 'Dr' }).title).toBe('Dr');
    expect(patched({ op: 'add', path: 'title', value: 'Dr' }, { op: 'remove', path: 'title' })).not.toHaveProperty('title');
  });

  it('changes sub-attributes and leaves the others', () => {
    expect(patched({ op: 'replace', path: 'name.givenName', value: 'A.' }).name).toEqual({ givenName: 'A.', familyName: 'Lovelace' });
    expect(patched({ op: 'replace', path: 'name', value: { givenName: 'A.' } }).name).toEqual({ givenName: 'A.', familyName: 'Lovelace' });
    expect(patched({ op: 'remove', path: 'name.givenName' }).name).toEqual({ familyName: 'Lovelace' });
    expect(patched({ op: 'remove', path: 'name' })).not.toHaveProperty('name');
  });

  it('adds to, replaces and empties a list', () => {
    const other = { value: 'o@example.org', type: 'other' };
    expect(patched({ op: 'add', path: 'emails', value: [other] }).emails).toEqual([work(), home(), other]);
    expect(patched({ op: 'add', path: 'emails', value: other }).emails).toEqual([work(), home(), other]);
    expect(patched({ op: 'replace', path: 'emails', value: [other] }).emails).toEqual([other]);
    expect(patched({ op: 'remove', path: 'emails' })).not.toHaveProperty('emails');
  });

  it('changes what a filter selects, and nothing else', () => {
    expect(patched({ op: 'replace', path: 'emails[type eq "home"].value', value: 'h' }).emails).toEqual([work(), home({ value: 'h' })]);
    expect(patched({ op: 'add', path: 'emails[type eq "home"]', value: { display: 'H' } }).emails).toEqual([work(), home({ display: 'H' })]);
    expect(patched({ op: 'replace', path: 'emails[type eq "home"]', value: { value: 'h' } }).emails).toEqual([work(), { value: 'h', type: 'home' }]);
    expect(patched({ op: 'remove', path: 'emails[type eq "work"]' }).emails).toEqual([home()]);
    expect(patched({ op: 'remove', path: 'emails[type eq "work"].value' }).emails).toEqual([home()]);
    expect(patched({ op: 'remove', path: 'emails[value ew "nowhere"]' }).emails).toEqual([work(), home()]);
  });

  it('has a newly primary value demote the older one', () => {
    const demoted = [work({ primary: false }), home({ primary: true })];
    expect(patched({ op: 'replace', path: 'emails[type eq "home"].primary', value: true }).emails).toEqual(demoted);
    expect(patched({ op: 'add', path: 'emails', value: [home({ primary: true })] }).emails).toEqual(demoted);
  });

  it('ignores adding what is there', () => {
    expect(patched({ op: 'add', path: 'emails', value: [home(), { value: 'WORK@example.org', type: 'work' }] }, { op: 'add', path: 'emails', value: [home()] }).emails).toEqual([
      work({ value: 'WORK@example.org' }),
      home(),
    ]);
  });

  it('reads URNs: an extension attribute, the whole extension, the core schema as prefix', () => {
    expect(patched({ op: 'replace', path: `${ENTERPRISE_USER_URN}:department`, value: 'Logic' })[ENTERPRISE_USER_URN]).toMatchObject({ department: 'Logic', manager: { value: 'boss' } });
    expect(patched({ op: 'add', path: ENTERPRISE_USER_URN, value: { costCenter: '1' } })[ENTERPRISE_USER_URN]).toMatchObject({ department: 'Maths', costCenter: '1' });
    const without = patched({ op: 'remove', path: ENTERPRISE_USER_URN });
    expect(without).not.toHaveProperty([ENTERPRISE_USER_URN]);
    expect(without.schemas).toEqual([USER_URN]);
    expect(patched({ op: 'replace', path: `${USER_URN}:userName`, value: 'x' }).userName).toBe('x');
    expect(patched({ op: 'replace', path: `${USER_URN}:name.givenName`, value: 'x' }).name).toMatchObject({ givenName: 'x' });
    expect(patched({ op: 'replace', path: 'USERNAME', value: 'x' })).toMatchObject({ userName: 'x' });
    expect(patched({ op: 'replace', path: 'USERNAME', value: 'x' })).not.toHaveProperty('USERNAME');
  });

  it('adds the schema of an extension that gets its first attribute, and drops it with the last', () => {
    const bare: Resource = { schemas: [USER_URN], userName: 'x' };
    const added = applyPatch(bare, parsePatchRequest({ Operations: [{ op: 'add', path: `${ENTERPRISE_USER_URN}:department`, value: 'd' }] }), 'User');
    expect(added.schemas).toEqual([USER_URN, ENTERPRISE_USER_URN]);
    expect(applyPatch(added, parsePatchRequest({ Operations: [{ op: 'remove', path: `${ENTERPRISE_USER_URN}:department` }] }), 'User')).toEqual(bare);
  });

  it.each([
    ...['no path', 'a.b.c', '.a', 'a.', '1a', 'a..b', 'urn:', 'a[', 'a]', 'emails[]', 'emails[type]', 'emails[type eq]', 'emails[type eq "a"]value', 'emails[type eq "a"].b.c', 'a[b eq "c"][d eq "e"]', 'foo:bar.baz', 'title.sub', 'title[a eq "b"]', 'nonsense[a eq "b"]'].map(
      (path): [object, string] => [{ op: 'add', path, value: 'x' }, 'invalidPath']
    ),
    [{ op: 'replace', path: 'emails[nonsense eq "x"].value', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'name[givenName eq "x"]', value: {} }, 'invalidPath'],
    [{ op: 'remove', path: 'emails[primary gt "x"]' }, 'invalidFilter'],
    [{ op: 'add', path: 'x509Certificates[value le "x"].type', value: 'x' }, 'invalidFilter'],
    [{ op: 'replace', path: 'constructor', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'constructor.prototype', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'name.constructor', value: 'x' }, 'invalidPath'],
    [{ op: 'add', path: 'foo:bar', value: 'x' }, 'invalidPath'],
    [{ op: 'replace', path: 'id', value: 'other' }, 'mutability'],
    [{ op: 'remove', path: 'id' }, 'mutability'],
    [{ op: 'replace', path: 'meta.created', value: 'x' }, 'mutability'],
    [{ op: 'add', path: 'groups', value: [{ value: 'admins' }] }, 'mutability'],
    [{ op: 'remove', path: 'userName' }, 'mutability'],
    [{ op: 'replace', path: 'userName', value: '' }, 'mutability'],
    [{ op: 'replace', path: 'userName', value: '  ' }, 'invalidValue'],
    [{ op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
    [{ op: 'replace', path: 'name', value: 'Ada' }, 'invalidValue'],
    [{ op: 'replace', path: 'emails', value: 5 }, 'invalidValue'],
    [{ op: 'replace', path: 'title', value: 'a\u0000' }, 'invalidValue'],
    [{ op: 'replace', path: 'emails[value eq "gone"].value', value: 'x' }, 'noTarget'],
    [{ op: 'replace', path: 'emails[type ne "work" and type ne "home"].value', value: 'x' }, 'noTarget'],
    [{ op: 'replace', path: 'emails.value', value: 'x' }, 'noTarget'],
  ])('refuses %j with %s', (operation, scimType) => {
    expect(refused({ op: 'replace', path: 'title', value: 'changed' }, operation)).toMatchObject({ status: 400, scimType });
  });

  it('unassigns on null, "" and [], also at the end of a value path', () => {
    for (const value of [null, '', []]) {
      expect(patched({ op: 'replace', path: 'name.givenName', value }).name).toEqual({ familyName: 'Lovelace' });
      expect(patched({ op: 'replace', path: 'emails', value })).not.toHaveProperty('emails');
      expect(patched({ op: 'replace', path: 'emails[type eq "home"].value', value }).emails).toEqual([work()]);
      expect(patched({ op: 'replace', value: { name: value } })).not.toHaveProperty('name');
      expect(patched({ op: 'add', path: 'emails', value }).emails).toEqual([work(), home()]);
    }
    expect(patched({ op: 'replace', path: 'name', value: { givenName: null } }).name).toEqual({ familyName: 'Lovelace' });
  });

  it('never leaves an account without active', () => {
    const off: Resource = { schemas: [USER_URN], userName: 'x', active: false };
    for (const operation of [{ op: 'remove', path: 'active' }, { op: 'replace', path: 'active', value: null }, { op: 'replace', value: { active: '' } }]) {
      expect(applyPatch(off, parsePatchRequest({ Operations: [operation] }), 'User').active).toBe(false);
    }
  });
});

describe('what no schema declares', () => {
  it.each<[string, unknown, object]>([
    ['nonsense', 'x', { nonsense: 'x' }],
    ['nonsense', { a: [1] }, { nonsense: { a: [1] } }],
    ['nonsense.sub', 5, { nonsense: { sub: 5 } }],
    [`${USER_URN}:nonsense`, 'x', { nonsense: 'x' }],
    ['name.nonsense', 'x', { name: { givenName: 'Ada', familyName: 'Lovelace', nonsense: 'x' } }],
    [`${ENTERPRISE_USER_URN}:nonsense`, 'x', { [ENTERPRISE_USER_URN]: expect.objectContaining({ department: 'Maths', nonsense: 'x' }) }],
    [`${ENTERPRISE_USER_URN}:nonsense`, { a: 1 }, { [ENTERPRISE_USER_URN]: expect.objectContaining({ nonsense: { a: 1 } }) }],
    [`${USER_URN}:nonsense`, { a: 1 }, { nonsense: { a: 1 } }],
    [`${ENTERPRISE_USER_URN}:manager.nonsense`, 'x', { [ENTERPRISE_USER_URN]: expect.objectContaining({ manager: { value: 'boss', $ref: 'https://x/Users/boss', nonsense: 'x' } }) }],
    ['urn:x:y:1.0:z', { a: 1 }, { 'urn:x:y:1.0:z': { a: 1 }, schemas: [USER_URN, ENTERPRISE_USER_URN, 'urn:x:y:1.0:z'] }],
    ['urn:x:y:1.0:z:a', 1, { 'urn:x:y:1.0:z': { a: 1 }, schemas: [USER_URN, ENTERPRISE_USER_URN, 'urn:x:y:1.0:z'] }],
    ['urn:x:y:1.0:z:a.b', 1, { 'urn:x:y:1.0:z': { a: { b: 1 } } }],
    ['emails[type eq "work"].nonsense', 'x', { emails: [work({ nonsense: 'x' }), home()] }],
    ['emails.nonsense', 'x', { emails: [work({ nonsense: 'x' }), home({ nonsense: 'x' })] }],
  ])('%s is kept by path as it is without one, and goes again', (path, value, expected) => {
    const start = patched({ op: 'remove', path: 'active' });
    for (const op of ['add', 'replace']) {
      expect(patched({ op, path, value })).toMatchObject(expected);
      expect(patched({ op, path, value })).toEqual(patched({ op, value: { [path]: value } }));
      expect(patched({ op, path, value }, { op: 'remove', path })).toEqual(start);
      expect(patched({ op, path, value }, { op: 'replace', path: path.toUpperCase().replace('URN:X:Y:1.0:Z', 'urn:x:y:1.0:z'), value: null })).toEqual(start);
    }
    // Nothing there: nothing to do.
    expect(patched({ op: 'remove', path })).toEqual(start);
  });

  it('has the limits that every value has', () => {
    for (const value of ['x'.repeat(70_000), 'a\u0000', Array.from({ length: 1_001 }, () => 1), [[[[[[[[[[[[[1]]]]]]]]]]]]]]) {
      for (const path of ['nonsense', 'nonsense.sub', 'urn:x:y:z:a']) expect(refused({ op: 'add', path, value })).toMatchObject({ status: 400 });
    }
    expect(refused({ op: 'add', path: 'nonsense', value: 'x' }, { op: 'add', path: 'nonsense.sub', value: 'x' })).toMatchObject({ status: 400, scimType: 'invalidPath' });
  });
});

describe('dialects', () => {
  it.each([
    ['Entra ID without its flag', { op: 'Replace', path: 'active', value: 'False' }],
    ['Okta, no path', { op: 'replace', value: { active: false } }],
    ['SailPoint, add', { op: 'add', value: { active: false } }],
  ])('deactivates: %s', (_name, operation) => expect(patched(operation).active).toBe(false));

  it('Entra ID with its flag: dotted, URN and filter keys without a path', () => {
    const result = patched({
      op: 'replace',
      value: {
        'name.givenName': 'A',
        displayName: 'A L',
        [`${ENTERPRISE_USER_URN}:department`]: 'Logic',
        [`${ENTERPRISE_USER_URN}`]: { costCenter: '9' },
        [`${USER_URN}:title`]: 'Dr',
        'emails[type eq "work"].value': 'w2',
        active: 'True',
      },
    });
    expect(result).toMatchObject({ name: { givenName: 'A', familyName: 'Lovelace' }, displayName: 'A L', title: 'Dr', active: true });
    expect(result[ENTERPRISE_USER_URN]).toMatchObject({ department: 'Logic', costCenter: '9', manager: { value: 'boss' } });
    expect(result.emails).toEqual([work({ value: 'w2' }), home()]);
  });

  it('Entra ID: an element that does not exist yet is made from the filter', () => {
    expect(patched({ op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1' }).phoneNumbers).toEqual([{ type: 'mobile', value: '+1' }]);
    expect(patched({ op: 'Replace', path: 'addresses[type eq "work"].formatted', value: 'Street 1' }).addresses).toEqual([{ type: 'work', formatted: 'Street 1' }]);
    expect(patched({ op: 'Add', path: 'roles[primary eq "True"].value', value: 'editor' }).roles).toEqual([{ primary: true, value: 'editor' }]);
    expect(patched({ op: 'Add', path: 'emails[type eq "other"].value', value: 'o' }).emails).toEqual([work(), home(), { type: 'other', value: 'o' }]);
  });

  it.each<unknown>([
    '[{"id":"06b0","value":"Pub","displayName":"Publisher"},"Author"]',
    [' [{"value":"Pub","display":"Publisher"},{"displayName":"Author","id":"07"}]'],
    [{ value: '[{"value":"Pub","displayName":"Publisher"}]' }, { value: 'Author' }],
  ])('Entra ID: several roles as one JSON text: %j', (value) => {
    for (const operation of [{ op: 'add', path: 'roles', value }, { op: 'replace', path: 'roles', value }, { op: 'Add', value: { roles: value } }]) {
      expect(patched(operation).roles).toMatchObject([{ value: 'Pub', display: 'Publisher' }, { value: 'Author' }]);
    }
    expect(patched({ op: 'add', path: 'roles', value }, { op: 'remove', path: 'roles', value: '[{"value":"Pub"}]' }).roles).toMatchObject([{ value: 'Author' }]);
    expect(patched({ op: 'add', path: 'roles', value }, { op: 'replace', path: 'roles', value: '[]' })).not.toHaveProperty('roles');
  });

  it.each<unknown>(['[{"password":"x"}]', '[5]', '[["a"]]', '[{"value":"a\\u0000"}]', '{"value":"a\\u0000"}', `[${'"a",'.repeat(1_000)}"a"]`])('refuses roles in a text that are none: %#', (value) => {
    expect(() => patched({ op: 'add', path: 'roles', value })).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue' }));
  });

  it('Entra ID: roles as a JSON text', () => {
    const value = [{ value: '{"id":"06b0","value":"25","displayName":"Role1234"}' }];
    expect(patched({ op: 'Add', path: 'roles', value }).roles).toEqual([{ value: '25', display: 'Role1234' }]);
    expect(patched({ op: 'Add', path: 'roles', value: '{"id":"06b0","displayName":"Role1234"}' }).roles).toEqual([{ value: 'Role1234', display: 'Role1234' }]);
    expect(patched({ op: 'Add', path: 'roles', value: [{ value: '{not json' }] }).roles).toEqual([{ value: '{not json' }]);
  });

  it('Entra ID: remove with a value removes only that', () => {
    expect(patched({ op: 'Remove', path: 'emails', value: [{ value: 'HOME@example.org' }] }).emails).toEqual([work()]);
    expect(patched({ op: 'Remove', path: 'emails', value: [] }).emails).toEqual([work(), home()]);
    expect(patched({ op: 'Remove', path: 'emails', value: { type: 'home' } }).emails).toEqual([work()]);
    for (const value of [{}, [{}], [{ value: null }]]) expect(patched({ op: 'Remove', path: 'emails', value }).emails).toEqual([work(), home()]);
  });

  it('Microsoft’s SCIM library: one value in a list of one', () => {
    const ref = { $ref: 'https://x/Users/new', value: 'new' };
    expect(patched({ op: 'Add', path: `${ENTERPRISE_USER_URN}:manager`, value: [ref] })[ENTERPRISE_USER_URN]).toMatchObject({ manager: ref });
    expect(patched({ op: 'Replace', path: 'active', value: [{ $ref: null, value: 'False' }] }).active).toBe(false);
    expect(patched({ op: 'Add', path: 'nickName', value: [{ $ref: null, value: 'Babs' }] }).nickName).toBe('Babs');
    expect(patched({ op: 'Replace', path: 'name.givenName', value: [{ value: 'Augusta' }] }).name).toEqual({ givenName: 'Augusta', familyName: 'Lovelace' });
    expect(patched({ op: 'Replace', path: 'emails[type eq "work"].value', value: [{ value: 'new@example.org' }] }).emails).toEqual([work({ value: 'new@example.org' }), home()]);
    for (const value of [[{ value: 'a' }, { value: 'b' }], ['a'], [[{ value: 'a' }]], [{ text: 'a' }]]) expect(refused({ op: 'Replace', path: 'nickName', value })).toMatchObject({ status: 400, scimType: 'invalidValue' });
  });

  it('Okta: the id that comes along is accepted, what is read-only is passed over', () => {
    expect(patched({ op: 'replace', value: { id: 'ada-id', displayName: 'A', groups: [], meta: {} } })).toMatchObject({ id: 'ada-id', displayName: 'A', groups: [{ value: 'g1' }] });
    expect(patched({ op: 'replace', path: 'id', value: 'ada-id' }).id).toBe('ada-id');
    expect(patched({ op: 'replace', value: { id: 'other' } })).toEqual(ada());
  });

  it('manager in every form; the old $ref does not stay with a new manager', () => {
    const manager = (operation: object): unknown => (patched(operation)[ENTERPRISE_USER_URN] as Record<string, unknown>).manager;
    const path = `${ENTERPRISE_USER_URN}:manager`;
    expect(manager({ op: 'Replace', path, value: 'new' })).toEqual({ value: 'new' });
    expect(manager({ op: 'Add', path, value: { value: 'new', displayName: 'ignored' } })).toEqual({ value: 'new' });
    expect(manager({ op: 'Replace', path: `${path}.value`, value: 'new' })).toEqual({ value: 'new' });
    expect(manager({ op: 'Replace', path, value: { value: null } })).toBeUndefined();
    expect(manager({ op: 'Remove', path })).toBeUndefined();
    // Without the URN, as in Microsoft's older pages; also what else the extension alone declares.
    expect(manager({ op: 'Add', path: 'manager', value: [{ value: 'new' }] })).toEqual({ value: 'new' });
    expect(manager({ op: 'Replace', path: 'manager.value', value: 'new' })).toEqual({ value: 'new' });
    expect(patched({ op: 'Replace', path: 'costCenter', value: '4130' })[ENTERPRISE_USER_URN]).toMatchObject({ costCenter: '4130' });
  });

  it('a number where a text belongs is its digits', () => {
    expect(patched({ op: 'Replace', path: `${ENTERPRISE_USER_URN}:employeeNumber`, value: 42 })[ENTERPRISE_USER_URN]).toMatchObject({ employeeNumber: '42' });
    expect(patched({ op: 'Replace', value: { externalId: 12345 } }).externalId).toBe('12345');
  });

  it('custom extensions are kept and changed, unknown attributes where they are known or come without a path', () => {
    const urn = 'urn:ietf:params:scim:schemas:extension:Custom:2.0:User';
    const result = patched({ op: 'Add', path: `${urn}:badge`, value: '5' });
    expect(result[urn]).toEqual({ badge: '5' });
    expect(result.schemas).toContain(urn);
    expect(patched({ op: 'add', value: { [urn]: { badge: '5' }, shoeSize: 43 } })).toMatchObject({ [urn]: { badge: '5' }, shoeSize: 43 });
    expect(applyPatch({ schemas: [USER_URN], userName: 'x', shoeSize: 43 }, parsePatchRequest({ Operations: [{ op: 'replace', path: 'SHOESIZE', value: 44 }] }), 'User')).toMatchObject({ shoeSize: 44 });
    expect(patched({ op: 'Add', path: `${urn}:badge`, value: '5' }, { op: 'remove', path: urn })).not.toHaveProperty([urn]);
  });

  it('never takes a password', () => {
    expect(patched({ op: 'replace', path: 'password', value: 's3cret' }, { op: 'add', value: { password: 's3cret', [`${USER_URN}:password`]: 's' } })).toEqual(ada());
  });
});
