/** The list of suites that other databases need not run stays true, and small. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ON_SQLITE_ONLY, onSqliteOnly } from '../helpers/databases-of-suites.mjs';

const TESTS = join(__dirname, '..');

describe.each(Object.entries(ON_SQLITE_ONLY))('%s', (project, suites) => {
  it('names suites that exist, each with its reason', () => {
    expect(onSqliteOnly(TESTS, project)).toHaveLength(Object.keys(suites).length);
    for (const reason of Object.values(suites)) expect(reason).toMatch(/\w{4,}/);
  });

  it('leaves more than half of them to every database', () => {
    const all = readdirSync(join(TESTS, project)).filter((name) => name.endsWith('.test.ts'));
    expect(Object.keys(suites).length).toBeLessThan(all.length / 2);
  });
});

it('a name that stands for no suite is an error, not a suite less', () => {
  expect(() => onSqliteOnly(join(TESTS, 'unit'), 'integration')).toThrow(/do not exist/);
});
