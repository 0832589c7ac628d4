import { createIntl } from 'react-intl';
import { messagesInSource, translation } from './helpers/messages';

const messages = messagesInSource();
const english = translation('en');
const german = translation('de');

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)/g)].map(([, name]) => name ?? '').filter((name, index, all) => all.indexOf(name) === index).sort();

describe('messages', () => {
  it('have one text per id', () => {
    const texts = new Map<string, string>();
    for (const { id, text } of messages) expect([id, texts.get(id) ?? text]).toEqual([id, text]);
    expect(messages.length).toBeGreaterThan(200);
    for (const { id, text } of messages) texts.set(id, text);
    expect(texts.size).toBeGreaterThan(200);
  });

  it('stand in English as the code has them', () => {
    expect(english).toEqual(Object.fromEntries(messages.map(({ id, text }) => [id, text])));
  });

  it('are all there in German', () => {
    expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
  });

  it.each([
    ['en', english],
    ['de', german],
  ])('can be formatted (%s)', (locale, texts) => {
    const problems: string[] = [];
    const intl = createIntl({ locale, messages: texts, onError: (error) => problems.push(error.message) });
    for (const [id, text] of Object.entries(texts)) {
      const values = Object.fromEntries(placeholders(english[id] ?? '').map((name) => [name, 2]));
      intl.formatMessage({ id }, values);
      // A translation must not drop a value or invent one; plural branches count as words.
      const extra = placeholders(text).filter((name) => !(name in values) && !/^\d/.test(name));
      if (!/plural/.test(text) && extra.length > 0) problems.push(`${id}: unknown ${extra.join(', ')}`);
      for (const name of Object.keys(values)) if (!text.includes(`{${name}`)) problems.push(`${id}: misses ${name}`);
    }
    expect(problems).toEqual([]);
  });
});
