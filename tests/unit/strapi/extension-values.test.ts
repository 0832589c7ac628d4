import fc from 'fast-check';
import type { ExtensionField } from '../../../server/src/strapi/extension/fields';
import { shownValues, stored } from '../../../server/src/strapi/extension/values';

const field = (strapiType: string, more: Partial<ExtensionField> = {}): ExtensionField => ({
  name: 'field', strapiType, scimType: 'string', required: false, unique: false, canonicalValues: null, component: null, ...more,
});
const component = (repeatable: boolean, more: Partial<ExtensionField> = {}): ExtensionField =>
  field('component', { ...more, component: { uid: 'c.c', repeatable, fields: [field('string', { name: 'code', required: true }), field('integer', { name: 'level' })] } });
const reason = (strapiType: string, value: unknown): string => {
  try {
    stored(field(strapiType), value);
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

const text = fc.string({ minLength: 1 }).filter((value) => value !== '');
const moment = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
const VALUES: [string, fc.Arbitrary<unknown>][] = [
  ['string', text],
  ['enumeration', text],
  ['integer', fc.integer({ min: -2_147_483_647, max: 2_147_483_647 })],
  ['biginteger', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  ['float', fc.double({ noNaN: true, noDefaultInfinity: true })],
  ['decimal', fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }).map((cents) => cents / 100)],
  ['boolean', fc.boolean()],
  ['datetime', moment.map((date) => date.toISOString())],
  ['date', moment.map((date) => date.toISOString().slice(0, 10))],
  ['time', moment.map((date) => date.toISOString().slice(11, 19))],
];

describe('values of the Strapi extension', () => {
  it.each(VALUES)('%s: what is stored is shown as it was sent', (strapiType, value) => {
    fc.assert(
      fc.property(value, (sent) => {
        const kept = stored(field(strapiType), sent);
        expect(shownValues([field(strapiType)], { field: kept })).toEqual({ field: sent });
        expect(stored(field(strapiType), kept)).toEqual(kept);
      })
    );
  });

  it('shows the forms in which databases and Strapi give values back', () => {
    expect(shownValues([field('time')], { field: '07:30:00.000' })).toEqual({ field: '07:30:00' });
    expect(shownValues([field('time')], { field: '07:30:00.120' })).toEqual({ field: '07:30:00.120' });
    expect(shownValues([field('timestamp')], { field: '0' })).toEqual({ field: '1970-01-01T00:00:00.000Z' });
    for (const none of [null, undefined, '']) expect(shownValues([field('string')], { field: none })).toEqual({});
    for (const none of [null, undefined, [], [{ code: null }]]) expect(shownValues([component(true)], { field: none })).toEqual({});
  });

  it.each([
    ['integer', 1.5], ['integer', 2 ** 31], ['integer', '7'], ['biginteger', 7], ['biginteger', '9223372036854775808'], ['biginteger', '1.5'],
    ['float', '1'], ['decimal', 99_999_999.999], ['boolean', 'yes'], ['datetime', 'yesterday'], ['date', '2026-13-01'], ['date', '2025-02-29'],
    ['date', '2026-01-01T00:00:00Z'], ['time', '24:00:00'], ['time', '7:30'], ['string', 7], ['string', {}],
  ])('%s refuses %j by its path', (strapiType, value) => {
    expect(reason(strapiType, value)).toMatch(/^urn:ietf:params:scim:schemas:extension:strapi:2\.0:User:field: (must|has) /);
  });

  it('clears with null, a list of components with an empty list, and asks for what is required', () => {
    for (const none of [undefined, null, '', []]) {
      expect(stored(field('string'), none)).toBeNull();
      expect(stored(component(false), none)).toBeNull();
      expect(stored(component(true), none)).toEqual([]);
      expect(() => stored(field('string', { required: true }), none)).toThrow('field: is required.');
    }
    expect(stored(component(true), [{ code: 'de', level: null, unknown: 1 }])).toEqual([{ code: 'de' }]);
    expect(() => stored(component(true), [{ level: 1 }])).toThrow('field.code: is required.');
    expect(() => stored(component(true), { code: 'de' })).toThrow('must be a list.');
    expect(() => stored(component(false), [{ code: 'de' }])).toThrow('must be an object.');
  });
});
