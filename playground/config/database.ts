import path from 'node:path';
import type { Core } from '@strapi/strapi';

const config = ({ env }: Core.Config.Shared.ConfigParams) => {
  const client = env('DATABASE_CLIENT', 'sqlite');
  const pool = { min: env.int('DATABASE_POOL_MIN', 2), max: env.int('DATABASE_POOL_MAX', 10) };
  const ssl = env.bool('DATABASE_SSL', false) && {
    rejectUnauthorized: env.bool('DATABASE_SSL_REJECT_UNAUTHORIZED', true),
  };
  const address = (defaultPort: number) => ({
    host: env('DATABASE_HOST', 'localhost'),
    port: env.int('DATABASE_PORT', defaultPort),
    database: env('DATABASE_NAME', 'strapi'),
    user: env('DATABASE_USERNAME', 'strapi'),
    password: env('DATABASE_PASSWORD', 'strapi'),
    ssl,
  });

  const connections = {
    sqlite: () => ({
      connection: { filename: path.resolve(process.cwd(), env('DATABASE_FILENAME', '.tmp/data.db')) },
      useNullAsDefault: true,
    }),
    postgres: () => ({
      connection: {
        connectionString: env('DATABASE_URL'),
        ...(env('DATABASE_URL') ? { ssl } : address(5432)),
        schema: env('DATABASE_SCHEMA', 'public'),
      },
      pool,
    }),
    mysql: () => {
      const url = env('DATABASE_URL');
      return { connection: url ? fromUrl(url, ssl) : address(3306), pool };
    },
  };

  const chosen = connections[client as keyof typeof connections];
  if (!chosen) {
    throw new Error(`DATABASE_CLIENT is "${client}"; use sqlite, postgres or mysql.`);
  }
  return { connection: { client, ...chosen(), acquireConnectionTimeout: env.int('DATABASE_CONNECTION_TIMEOUT', 60000) } };
};

/** The MySQL driver of Strapi takes an object: a URL is split here. */
const fromUrl = (value: string, ssl: unknown) => {
  const url = new URL(value);
  const socketPath = url.searchParams.get('socketPath');
  return {
    host: url.hostname,
    port: Number(url.port || 3306),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ...(socketPath ? { socketPath } : {}),
    ssl,
  };
};

export default config;
