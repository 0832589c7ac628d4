/**
 * Which suites run on which database. Every suite of `contract` and `integration` runs on every database: a new one needs
 * nothing here. Only what stands below runs on SQLite alone in `npm test`, because the other databases would answer the same
 * question; `npm run test:full` runs it on all. Nothing that holds SQL of ours, transactions, locks or races belongs here.
 */
import fs from 'node:fs';
import path from 'node:path';

/** @type {Record<string, Record<string, string>>} project -> suite -> why one database is enough */
export const ON_SQLITE_ONLY = {
  contract: {
    'client-expectations': 'what is read from requests and how answers are worded',
    'peer-bugs': 'what is read from requests and how answers are worded',
    'provider-days': 'dialects of providers; the writes are those of integration/scim-users and scim-groups',
    providers: 'dialects of providers; the writes are those of integration/scim-users and scim-groups',
    schemas: 'discovery documents',
  },
  integration: {
    access: 'tokens, addresses and rate limits over HTTP; each other suite signs in with a token on its database',
    'admin-api': 'permissions and validation of the admin API',
    'attributes-api': 'permissions and validation of the admin API',
    'failed-api': 'the admin API over what contract/failed-changes and sql-stores show on every database',
    'guard-api': 'permissions and validation of the admin API; integration/guard-holds runs on every database',
    mapping: 'the admin API over what contract/mapping-store shows on every database',
    oauth: 'OAuth 2.0 over HTTP; its tokens are stored as all others',
    'policies-api': 'permissions and validation of the admin API',
    'schedules-api': 'the admin API over what contract/sql-stores shows on every database',
    'scim-protocol': 'errors, media types and methods over HTTP',
    'scim-protocol-extras': 'ETags, Bulk and strict mode of the protocol; the writes are those of integration/scim-users and scim-groups',
    'scim-validator': 'every attribute over HTTP; contract/filter-sql searches them on every database',
  },
};

/**
 * The files of a project that the other databases need not run. Fails where a name stands for no file: a suite that was renamed
 * would otherwise change its databases without anybody knowing.
 * @param {string} tests the folder of all tests
 * @param {string} project
 * @returns {string[]}
 */
export const onSqliteOnly = (tests, project) => {
  const files = Object.keys(ON_SQLITE_ONLY[project] ?? {}).map((suite) => path.join(tests, project, `${suite}.test.ts`));
  const unknown = files.filter((file) => !fs.existsSync(file));
  if (unknown.length > 0) throw new Error(`tests/helpers/databases-of-suites.mjs names suites that do not exist: ${unknown.join(', ')}.`);
  return files;
};
