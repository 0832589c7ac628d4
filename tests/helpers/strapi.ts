/**
 * Boots the fixture application in `tests/app` with the plugin from its TypeScript source: a whole Strapi, in this
 * process, in about a second.
 */
import { join } from 'node:path';
import { createStrapi } from '@strapi/strapi';
import type { Core } from '@strapi/types';
import supertest from 'supertest';
import { createDatabase, type DatabaseClient, type TestDatabase } from './databases';

const APP = join(__dirname, '..', 'app');

export const SUPER_ADMIN = { email: 'root@test.example', password: 'Test-Root-12345' };

export interface BootOptions {
  /** Default: SQLite. Others need TEST_PG_URL or TEST_MYSQL_URL. */
  client?: DatabaseClient;
  /** A database that an earlier boot kept (`stop({ keepDatabase: true })`). */
  database?: TestDatabase;
  /** Merged over the fixture's config files, keyed by file name: `{ admin: { secrets: { encryptionKey: '' } } }`. */
  config?: Partial<Record<'server' | 'admin' | 'api' | 'plugins', Record<string, unknown>>>;
  /** The site added fields and components to its users: `tests/app/src/extensions`. */
  ownFields?: boolean;
  /** Opens a port on the loopback interface; `origin` then answers other processes too. */
  listen?: boolean;
}

export interface BootedStrapi {
  strapi: Core.Strapi;
  http: ReturnType<typeof supertest>;
  /** With `listen`: the address, for example http://127.0.0.1:40123. Otherwise empty. */
  origin: string;
  database: TestDatabase;
  /** Access token of a super admin, who is made by the first call. */
  adminToken(): Promise<string>;
  stop(options?: { keepDatabase?: boolean }): Promise<void>;
}

const listening = (strapi: Core.Strapi): Promise<string> =>
  new Promise((resolve, reject) => {
    const server = strapi.server.httpServer;
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address && typeof address === 'object' ? `http://127.0.0.1:${address.port}` : '');
    });
  });

const tokenOf = async (http: BootedStrapi['http']): Promise<string> => {
  const init = await http.get('/admin/init').expect(200);
  const answer = init.body.data.hasAdmin
    ? await http.post('/admin/login').send(SUPER_ADMIN)
    : await http.post('/admin/register-admin').send({ firstname: 'Root', lastname: 'Test', ...SUPER_ADMIN });
  const token: unknown = answer.body?.data?.token;
  if (typeof token !== 'string') throw new Error(`The super admin could not sign in: ${answer.status} ${JSON.stringify(answer.body)}`);
  return token;
};

export const bootStrapi = async (options: BootOptions = {}): Promise<BootedStrapi> => {
  const database = options.database ?? (await createDatabase(options.client));
  Object.assign(process.env, database.env, {
    STRAPI_TELEMETRY_DISABLED: 'true',
    STRAPI_DISABLE_UPDATE_NOTIFICATION: 'true',
    TEST_OWN_FIELDS: String(options.ownFields ?? false),
    TEST_STRAPI_CONFIG: JSON.stringify(options.config ?? {}),
  });

  // Strapi turns whatever the plugin's source throws while it loads into "Unknown error": loaded here, it tells the truth.
  require('../../strapi-server');
  const strapi = createStrapi({ appDir: APP, distDir: APP });
  try {
    await strapi.load();
  } catch (error) {
    // Half a Strapi would keep the test run alive.
    await strapi.destroy().catch(() => undefined);
    if (!options.database) await database.drop();
    throw error;
  }
  strapi.server.mount();
  const origin = options.listen ? await listening(strapi) : '';
  const http = supertest(strapi.server.httpServer);
  let token: Promise<string> | null = null;

  return {
    strapi,
    http,
    origin,
    database,
    adminToken: () => (token ??= tokenOf(http)),
    async stop({ keepDatabase = false } = {}) {
      await strapi.destroy();
      if (!keepDatabase) await database.drop();
    },
  };
};
