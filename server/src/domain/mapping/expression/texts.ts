import { charge, fault, LIMITS, measured } from './budget';

/** Letters that normalisation does not take apart, as passports and mail addresses write them. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss', ẞ: 'SS', æ: 'ae', Æ: 'AE', œ: 'oe', Œ: 'OE', ø: 'o', Ø: 'O', đ: 'd', Đ: 'D', ð: 'd', Ð: 'D', þ: 'th', Þ: 'TH',
  ł: 'l', Ł: 'L', ı: 'i', ħ: 'h', Ħ: 'H', ŧ: 't', Ŧ: 'T', ŋ: 'n', Ŋ: 'N',
};

/** "Łukasz Ørsted-Müller" becomes "Lukasz Orsted-Muller". Other scripts stay as they are. */
export const withoutDiacritics = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\0-\x7f]/gu, (letter) => LETTERS[letter] ?? letter)
    .normalize('NFC');

/** First letters of words large, the rest small; "o'neill-smith" becomes "O'Neill-Smith". */
export const titleCase = (text: string): string =>
  text.toLowerCase().replace(/(^|[^\p{L}\p{M}\p{N}])(\p{L})/gu, (_all, before: string, letter: string) => before + letter.toUpperCase());

export function replaceAll(text: string, search: string, replacement: string): string {
  if (search === '') return text;
  const parts = text.split(search);
  // Known before it is made.
  if (text.length + (parts.length - 1) * replacement.length > LIMITS.text + search.length * parts.length) throw tooLong();
  return measured(parts.join(replacement));
}

export function joined(texts: string[], separator: string): string {
  const length = texts.reduce((sum, item) => sum + item.length + separator.length, 0);
  if (length > LIMITS.text + separator.length) throw tooLong();
  return measured(texts.join(separator));
}

const tooLong = () => fault(`A text is longer than ${LIMITS.text.toLocaleString('en')} characters.`);

/** What stands before the separator; all of it where there is none. */
export function before(text: string, separator: string, last = false): string {
  const at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
  return separator === '' || at < 0 ? text : text.slice(0, at);
}

/** What stands after it; nothing where there is none. */
export function after(text: string, separator: string, last = false): string {
  const at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
  return separator === '' || at < 0 ? '' : text.slice(at + separator.length);
}

/** By code points, so that no letter is cut in two. */
export function cut(text: string, start: number, length: number): string {
  charge(text.length / 64);
  return [...text].slice(start, start + length).join('');
}

export function cutRight(text: string, length: number): string {
  charge(text.length / 64);
  return length === 0 ? '' : [...text].slice(-length).join('');
}

/** `ada`, `ada2`, `ada3` ... in front of the @ of an address. */
export function numbered(text: string, upTo: number): string[] {
  if (upTo < 1 || upTo > LIMITS.candidates) throw fault(`numbered() makes 1 to ${LIMITS.candidates} names.`);
  if (text === '') return [];
  const at = text.lastIndexOf('@');
  const [name, domain] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
  return Array.from({ length: upTo }, (_, index) => (index === 0 ? text : `${name}${index + 1}${domain}`));
}
