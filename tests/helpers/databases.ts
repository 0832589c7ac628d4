/** Databases for tests: a SQLite file in a folder of its own, or a new database on a server that stands in the environment. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tempRoot } from './temp-root.cjs';

export type DatabaseClient = 'sqlite' | 'postgres' | 'mysql';

export interface TestDatabase {
  client: DatabaseClient;
  /** What the fixture application reads. */
  env: Record<string, string>;
  drop(): Promise<void>;
}

/** The databases this environment offers: SQLite always, others where TEST_PG_URL and TEST_MYSQL_URL say so. */
export const availableDatabases = (): DatabaseClient[] => [
  'sqlite',
  ...(process.env.TEST_PG_URL ? (['postgres'] as const) : []),
  ...(process.env.TEST_MYSQL_URL ? (['mysql'] as const) : []),
];

const serverUrl = (name: 'TEST_PG_URL' | 'TEST_MYSQL_URL'): URL => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return new URL(value);
};

const withDatabase = (server: URL, database: string): string => {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.toString();
};

const newName = (): string => `up_test_${randomBytes(6).toString('hex')}`;

const sqlite = (root: string): TestDatabase => {
  const folder = mkdtempSync(join(root, 'user-provisioning-'));
  return {
    client: 'sqlite',
    env: { TEST_DATABASE_CLIENT: 'sqlite', TEST_DATABASE_FILENAME: join(folder, 'data.db') },
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** The drivers are those that Strapi uses; each is only needed where such a server is tested. */
interface PostgresClient {
  connect(): Promise<void>;
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

interface PostgresDriver {
  Client: new (options: { connectionString: string }) => PostgresClient;
}

interface MysqlConnection {
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

interface MysqlDriver {
  createConnection(url: string): Promise<MysqlConnection>;
}

const onPostgres = async (sql: string): Promise<void> => {
  const driver: PostgresDriver = require('pg');
  const client = new driver.Client({ connectionString: serverUrl('TEST_PG_URL').toString() });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
};

const postgres = async (): Promise<TestDatabase> => {
  const name = newName();
  await onPostgres(`create database ${name}`);
  return {
    client: 'postgres',
    env: { TEST_DATABASE_CLIENT: 'postgres', TEST_DATABASE_URL: withDatabase(serverUrl('TEST_PG_URL'), name) },
    drop: () => onPostgres(`drop database if exists ${name} with (force)`),
  };
};

const onMysql = async (sql: string): Promise<void> => {
  const driver: MysqlDriver = require('mysql2/promise');
  const connection = await driver.createConnection(serverUrl('TEST_MYSQL_URL').toString());
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
};

const mysql = async (): Promise<TestDatabase> => {
  const name = newName();
  await onMysql(`create database ${name} character set utf8mb4`);
  return {
    client: 'mysql',
    env: { TEST_DATABASE_CLIENT: 'mysql', TEST_DATABASE_URL: withDatabase(serverUrl('TEST_MYSQL_URL'), name) },
    drop: () => onMysql(`drop database if exists ${name}`),
  };
};

/** Where nothing else is said: SQLite, or what TEST_DATABASE names, so that the same suites run on every database. */
const defaultClient = (): DatabaseClient => {
  const name = process.env.TEST_DATABASE;
  return name === 'postgres' || name === 'mysql' ? name : 'sqlite';
};

/** `root`: where a SQLite file is made; in memory where nothing is said and the machine has room. */
export const createDatabase = async (client: DatabaseClient = defaultClient(), root = tempRoot()): Promise<TestDatabase> =>
  client === 'sqlite' ? sqlite(root) : client === 'postgres' ? postgres() : mysql();
