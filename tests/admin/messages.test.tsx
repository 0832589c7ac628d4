import { createIntl } from 'react-intl';
import { messagesInSource, translation } from './helpers/messages';

const messages = messagesInSource();
const english = translation('en');
const german = translation('de');

/** The values that a text needs: `{name}` and `{count, plural, ...}`, not the words of a plural's branches. */
const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)[,}]/g)].map(([, name]) => name ?? ''))].sort();

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
      const needed = placeholders(english[id] ?? '');
      intl.formatMessage({ id }, Object.fromEntries(needed.map((name) => [name, 2])));
      expect([id, placeholders(text)]).toEqual([id, needed]);
    }
    expect(problems).toEqual([]);
  });
});
