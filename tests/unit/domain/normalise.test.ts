import fc from 'fast-check';
import { normaliseName } from '../../../server/src/domain/identity/normalise';

describe('normaliseName', () => {
  it.each([
    ['ADA@Example.COM', 'ada@example.com'],
    ['STRASSE', 'straße'],
    ['ﬁne', 'FINE'],
    ['Ａda', 'ada'],
    ['e\u0301', '\u00e9'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['K', '\u212a'],
  ])('takes %s and %s for one name', (one, other) => {
    expect(normaliseName(one)).toBe(normaliseName(other));
  });

  it.each([
    ['ada', 'ada '],
    ['ada', 'adä'],
    ['a.b', 'ab'],
  ])('keeps %p and %p apart', (one, other) => {
    expect(normaliseName(one)).not.toBe(normaliseName(other));
  });

  it('is idempotent: a normalised name is its own normal form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (name) => {
        const once = normaliseName(name);
        expect(normaliseName(once)).toBe(once);
      }),
      { numRuns: 2_000 }
    );
  });

  it('is idempotent for every single character', () => {
    const unstable: string[] = [];
    for (let code = 0; code <= 0x2ffff; code += 1) {
      const once = normaliseName(String.fromCodePoint(code));
      if (normaliseName(once) !== once) unstable.push(code.toString(16));
    }
    expect(unstable).toEqual([]);
  });

  it('does not depend on the case of what it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), (name) => {
        expect(normaliseName(name.toUpperCase())).toBe(normaliseName(name.toLowerCase()));
      })
    );
  });
});
