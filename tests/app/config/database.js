'use strict';

/** TEST_DATABASE_CLIENT sqlite (TEST_DATABASE_FILENAME), postgres or mysql (TEST_DATABASE_URL). */
module.exports = ({ env }) => {
  const client = env('TEST_DATABASE_CLIENT', 'sqlite');
  if (client === 'sqlite') {
    return { connection: { client, connection: { filename: env('TEST_DATABASE_FILENAME') }, useNullAsDefault: true } };
  }
  const url = new URL(env('TEST_DATABASE_URL'));
  const connection = {
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  // MySQL commits before every change of the schema, and knex says so each time.
  const log = client === 'mysql' ? { warn() {} } : undefined;
  return { connection: { client, connection, pool: { min: 0, max: 10 }, ...(log ? { log } : {}) } };
};
