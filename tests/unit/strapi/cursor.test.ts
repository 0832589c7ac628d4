import fc from 'fast-check';
import { decodeCursor, encodeCursor } from '../../../server/src/strapi/search/cursor';
import { PREFIX_LENGTH, prefixOf } from '../../../server/src/scim/filter/compare';
import { MAX_CURSOR_LENGTH } from '../../../server/src/scim/server/list-query';

/** Whatever an index can hold, control characters and those beyond the BMP too. */
const key = fc
  .oneof(fc.constantFrom('\u0001', '"', '\\', '\uffff', '𝒜', 'é').map((unit) => unit.repeat(PREFIX_LENGTH + 5)), fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'binary', minLength: 255, maxLength: 300 }))
  .map(prefixOf);
const integer = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER));

it('is never longer than what the server takes, and says where the page ended', () => {
  fc.assert(
    fc.property(integer, integer, fc.oneof({ weight: 4, arbitrary: key }, fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)), fc.constant(null)), (id, total, at) => {
      const cursor = encodeCursor({ id, key: at, total }, 'query');
      expect(cursor).toMatch(/^[A-Za-z0-9._~-]+$/);
      expect(cursor.length).toBeLessThanOrEqual(MAX_CURSOR_LENGTH);
      expect(decodeCursor(cursor, 'query')).toEqual({ id, key: at, total });
    }),
    { numRuns: 500 }
  );
});
