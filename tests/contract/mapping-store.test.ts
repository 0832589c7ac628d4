/** Published mappings in the database, on every one of them. */
import type { MappingRule } from '../../server/src/contracts/mapping';
import { DEFAULT_POLICIES } from '../../server/src/domain/connection/policies';
import { direct } from '../../server/src/domain/mapping/mapping';
import { TABLES } from '../../server/src/models';
import { SqlConnectionStore } from '../../server/src/strapi/connection-store';
import { Database } from '../../server/src/strapi/database';
import { SqlMappingStore } from '../../server/src/strapi/mapping-store';
import { MemoryClock } from '../helpers/memory/clock';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

const RULES: MappingRule[] = [direct('userName'), { ...direct('title'), default: 'Æ – “x”', when: 'on-create', emptyPolicy: 'leave' }];

let booted: BootedStrapi;
let database: Database;
let connections: SqlConnectionStore;
let store: SqlMappingStore;
let id: number;
let other: number;

beforeAll(async () => {
  booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { worker: false } } } } });
});
afterAll(() => booted.stop());

beforeEach(async () => {
  database = new Database(booted.strapi);
  const clock = new MemoryClock();
  for (const table of [TABLES.mappings, TABLES.connections]) await booted.strapi.db.connection(table).delete();
  connections = new SqlConnectionStore(database, clock);
  store = new SqlMappingStore(database, connections, clock);
  const fields = {
    direction: 'outbound', population: 'end-users', system: 'x', preset: 'generic', enabled: true, targetUrl: '', credential: null, defaultRoleId: null, policies: DEFAULT_POLICIES,
  } as const;
  id = (await connections.create({ ...fields, roleMappings: [], name: 'First' })).id;
  other = (await connections.create({ ...fields, roleMappings: [], name: 'Second' })).id;
});

const held = async (of = id) => (await connections.get(of))?.mapping;

it('a connection has no mapping of its own until one is published, and sees it at once', async () => {
  expect(await held()).toBeNull();
  expect(await store.publish(id, RULES, 'ada@x.example')).toBe(1);
  expect(await held()).toEqual({ version: 1, rules: RULES });
  expect(await held(other)).toBeNull();
  expect(await store.publish(id, null, 'ada@x.example')).toBe(2);
  expect(await held()).toEqual({ version: 2, rules: null });
});

it('keeps every version, newest first', async () => {
  await store.publish(id, RULES, 'ada@x.example');
  await store.publish(id, null, 'bob@x.example');
  await store.publish(other, RULES, 'eve@x.example');
  expect((await store.versions(id)).map(({ version, publishedBy, rules, queued }) => [version, publishedBy, rules, queued])).toEqual([
    [2, 'bob@x.example', null, false], [1, 'ada@x.example', RULES, true],
  ]);
  expect((await store.version(id, 1))?.rules).toEqual(RULES);
  expect(await store.version(id, 9)).toBeNull();
});

it('refuses a change that was made from another version', async () => {
  await store.publish(id, RULES, 'ada@x.example', 0);
  await expect(store.publish(id, null, 'bob@x.example', 0)).rejects.toMatchObject({ code: 'version-mismatch', message: expect.stringContaining('ada@x.example') });
  expect(await held()).toEqual({ version: 1, rules: RULES });
});

it('gives publications of the same moment different versions', async () => {
  const versions = await Promise.all(Array.from({ length: 4 }, (_, index) => store.publish(id, [direct('userName'), direct(`urn:x:${index}:a`)], `p${index}`)));
  expect([...versions].sort()).toEqual([1, 2, 3, 4]);
  const row = await booted.strapi.db.connection(TABLES.connections).where({ id }).first();
  expect(row.mapping_version).toBe(4);
});

it('has everybody looked at anew, and tells when that is done', async () => {
  await store.publish(id, RULES, 'p');
  await store.publish(id, null, 'p');
  const row = () => booted.strapi.db.connection(TABLES.connections).where({ id });
  expect(await row().first('requeue_after')).toEqual({ requeue_after: 0 });
  expect((await store.versions(id)).map(({ queued }) => queued)).toEqual([false, true]);
  await row().update({ requeue_after: null });
  expect((await store.versions(id)).map(({ queued }) => queued)).toEqual([true, true]);
});

it('goes with its connection', async () => {
  await store.publish(id, RULES, 'p');
  await connections.remove(id);
  expect(await store.versions(id)).toEqual([]);
});
