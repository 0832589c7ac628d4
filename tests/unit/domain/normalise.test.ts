import fc from 'fast-check';
import { normaliseName } from '../../../server/src/domain/identity/normalise';
import { unseenIn } from '../../../server/src/domain/identity/unseen';

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

describe('unseenIn', () => {
  it.each([
    ['zero width space', 'ad\u200ba', 'U+200B at position 3'],
    ['zero width joiner', 'ad\u200da', 'U+200D at position 3'],
    ['soft hyphen', '\u00adada', 'U+00AD at position 1'],
    ['right-to-left override', 'ada\u202e', 'U+202E at position 4'],
    ['left-to-right isolate', 'a\u2066da', 'U+2066 at position 2'],
    ['variation selector', 'ada\ufe0f', 'U+FE0F at position 4'],
    ['variation selector beyond the first plane, counted by characters', '𝒶da\u{e0100}', 'U+E0100 at position 4'],
    ['tag', 'ada\u{e0061}', 'U+E0061 at position 4'],
    ['Hangul filler', 'ada\u3164', 'U+3164 at position 4'],
    ['blank of Braille', 'ada\u2800', 'U+2800 at position 4'],
    ['byte order mark', '\ufeffada', 'U+FEFF at position 1'],
    ['line break', 'ada\n', 'U+000A at position 4'],
    ['line separator', 'ada\u2028', 'U+2028 at position 4'],
    ['noncharacter', 'ada\ufffe', 'U+FFFE at position 4'],
  ])('finds a %s', (_what, name, found) => {
    expect(unseenIn(name)).toBe(found);
  });

  it.each(['ada@example.com', 'Ada Lovelace', 'josé', 'e\u0301', 'Ægir-Ø.ß', '山田太郎', 'أحمد', 'द्विवेदी', 'o’neil+test_1', '👩'])('finds nothing in %s', (name) => {
    expect(unseenIn(name)).toBeNull();
  });
});
