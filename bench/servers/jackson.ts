/**
 * SAML Jackson's directory sync behind a minimal HTTP server, as its documents show it. Argument: the database.
 * It relays events: here to nobody, so that its time is its store's alone.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import knexOf from 'knex';
import { createDatabase } from '../../tests/helpers/databases';
import { scimUser } from '../people';
import { serve } from './child';
import { idOf, MARKER, nameOf, spread } from './clone-rows';
import { requirePeer } from './peers';

interface Answer {
  status: number;
  data?: { id?: string };
}

interface Jackson {
  default(options: Record<string, unknown>): Promise<{
    directorySyncController: {
      directories: { create(input: Record<string, string>): Promise<{ data: { id: string; scim: { secret: string } } | null; error: { message: string } | null }> };
      requests: { handle(request: Record<string, unknown>, onEvent: () => Promise<void>): Promise<Answer> };
    };
  }>;
}

interface StoreRow {
  key: string;
  value: string;
  [column: string]: unknown;
}

interface IndexRow {
  id: number;
  key: string;
  storeKey: string;
}

const BATCH = 100;
const nobody = async (): Promise<void> => undefined;
const PATH = /^\/scim\/v2\.0\/([^/]+)\/(Users|Groups)(?:\/([^/]+))?$/;

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const client = process.argv[2] === 'postgres' ? 'postgres' : 'sqlite';

void serve(async () => {
  Object.assign(process.env, { DO_NOT_TRACK: '1', BOXYHQ_NO_ANALYTICS: '1' });
  const database = await createDatabase(client, tmpdir());
  const url = String(client === 'sqlite' ? database.env.TEST_DATABASE_FILENAME : database.env.TEST_DATABASE_URL);
  const { directorySyncController: sync } = await (requirePeer('@boxyhq/saml-jackson') as Jackson).default({
    externalUrl: 'http://127.0.0.1', samlPath: '/saml', scimPath: '/scim/v2.0', noAnalytics: true,
    db: { engine: 'sql', type: client, url },
    logger: { info: () => undefined, warn: () => undefined, error: console.error },
  });
  const made = await sync.directories.create({ tenant: 'bench', product: 'bench', type: 'generic-scim-v2' });
  if (made.data === null) throw new Error(made.error?.message);
  const { id: directoryId, scim: { secret } } = made.data;

  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const address = new URL(request.url ?? '/', 'http://jackson.invalid');
    const [, directory, resourceType, resourceId] = PATH.exec(address.pathname) ?? [];
    const number = (name: string): number | undefined => (address.searchParams.has(name) ? Number(address.searchParams.get(name)) : undefined);
    const answer: Answer = directory === undefined ? { status: 404 } : await sync.requests.handle({
      method: request.method, directoryId: directory, resourceType, resourceId,
      body: await bodyOf(request),
      apiSecret: (request.headers.authorization ?? '').replace('Bearer ', ''),
      query: { count: number('count'), startIndex: number('startIndex'), filter: address.searchParams.get('filter') ?? undefined },
    }, nobody);
    response.writeHead(answer.status, { 'content-type': 'application/scim+json' }).end(JSON.stringify(answer.data ?? {}));
  };
  const server = createServer((request, response) => {
    answerTo(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const first = await sync.requests.handle({ method: 'POST', directoryId, resourceType: 'Users', body: scimUser(MARKER), apiSecret: secret, query: {} }, nobody);
  if (first.status !== 201) throw new Error(`The first user was refused: ${first.status}`);
  const knex = client === 'sqlite'
    ? knexOf({ client: 'better-sqlite3', connection: { filename: url }, useNullAsDefault: true })
    : knexOf({ client: 'pg', connection: url, pool: { min: 0, max: 1 } });
  const template: StoreRow = await knex('jackson_store').where('value', 'like', `%${MARKER}%`).first();
  const index: IndexRow[] = await knex('jackson_index').where({ storeKey: template.key }).orderBy('id');
  const { id, email } = JSON.parse(template.value) as { id: string; email: string };

  // Keys are digests of ids and names: those of the template are found again by making them.
  const digest = (text: string): string => createHash('ripemd160').update(text).digest('hex');
  const nameKey = (address: string): string => digest(`${directoryId}:${address}`);
  const rowsOf = (n: number): { store: StoreRow; index: Omit<IndexRow, 'id'>[] } => {
    const own = idOf(id, n);
    const name = (text: string): string => text.replaceAll(MARKER, nameOf(n));
    const key = template.key.replace(digest(id), digest(own));
    return {
      store: { ...template, key, value: name(template.value).replaceAll(id, own) },
      index: index.map((row) => ({ key: row.key.replace(nameKey(email), nameKey(name(email))), storeKey: key })),
    };
  };
  let filled = 1;
  return {
    target: {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      root: `/scim/v2.0/${directoryId}`,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/scim+json' },
    },
    async fill(total, sample) {
      for (; filled < total; filled = Math.min(total, filled + 5_000)) {
        const rows = Array.from({ length: Math.min(5_000, total - filled) }, (_, offset) => rowsOf(filled + offset));
        await knex.transaction(async (trx) => {
          await trx.batchInsert('jackson_store', rows.map(({ store }) => store), BATCH);
          await trx.batchInsert('jackson_index', rows.flatMap((row) => row.index), BATCH);
        });
      }
      if (client === 'postgres') for (const table of ['jackson_store', 'jackson_index']) await knex.raw(`analyze ${table}`);
      return spread(total, sample).map((n) => ({ id: idOf(id, n), userName: `${nameOf(n)}@example.com` }));
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await knex.destroy();
      await database.drop();
    },
  };
});
