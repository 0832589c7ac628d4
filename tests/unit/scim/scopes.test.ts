import type { TokenScope } from '../../../server/src/contracts/connection';
import { contextOf, MemoryService, serverOver } from './fake-service';

const PATCH = { Operations: [{ op: 'replace', path: 'displayName', value: 'x' }] };
const BULK = { Operations: [{ method: 'POST', path: '/Groups', bulkId: 'a', data: { displayName: 'made' } }, { method: 'POST', path: '/Users', bulkId: 'b', data: { userName: 'made' } }] };
const READS = [['GET', ''], ['GET', '/1'], ['POST', '/.search']] as const;
const WRITES = [['POST', ''], ['PUT', '/1'], ['PATCH', '/1'], ['DELETE', '/1']] as const;

async function withScopes(...scopes: TokenScope[]) {
  const service = new MemoryService();
  const maker = serverOver(service).send;
  for (const [collection, name] of [['/Users', 'userName'], ['/Groups', 'displayName']] as const) {
    await maker('POST', collection, { body: { [name]: 'one' } });
    const type = collection === '/Users' ? 'User' : 'Group';
    service.resources[type].set('1', { schemas: [], id: '1', userName: 'two', displayName: 'two' });
  }
  const before = service.snapshot();
  const { send } = serverOver(service, contextOf({}, { scopes }));
  const ask = (method: string, path: string) => send(method, path, { body: path.endsWith('.search') ? {} : method === 'PATCH' ? PATCH : { userName: 'new', displayName: 'new' } });
  return { service, send, ask, isUntouched: () => service.snapshot() === before };
}

it.each<[TokenScope[], string, boolean, boolean]>([
  [[], '/Users', true, true],
  [[], '/Groups', true, true],
  [['read-only'], '/Users', true, false],
  [['read-only'], '/Groups', true, false],
  [['users'], '/Users', true, true],
  [['users'], '/Groups', false, false],
  [['groups'], '/Users', false, false],
  [['groups'], '/Groups', true, true],
  [['users', 'groups'], '/Users', true, true],
  [['users', 'groups'], '/Groups', true, true],
  [['read-only', 'groups'], '/Groups', true, false],
  [['read-only', 'groups'], '/Users', false, false],
])('%j on %s: reading %s, writing %s', async (scopes, collection, reads, writes) => {
  for (const [method, path] of READS) {
    expect((await (await withScopes(...scopes)).ask(method, collection + path)).status === 403).toBe(!reads);
  }
  for (const [method, path] of WRITES) {
    const world = await withScopes(...scopes);
    const { status } = await world.ask(method, collection + path);
    expect(status === 403).toBe(!writes);
    expect(world.isUntouched()).toBe(!writes);
  }
});

it('says what the token lacks, and looks alike for what exists and what does not', async () => {
  const { ask } = await withScopes('users', 'read-only');
  expect(await ask('GET', '/Groups/1')).toMatchObject({ status: 403, body: { detail: expect.stringContaining('lacks the scope "groups"') } });
  expect((await ask('GET', '/Groups/none')).body).toEqual((await ask('GET', '/Groups/1')).body);
  expect(await ask('DELETE', '/Users/1')).toMatchObject({ status: 403, body: { detail: expect.stringContaining('"read-only"') } });
});

it.each<TokenScope[]>([[], ['read-only'], ['users'], ['groups']])('discovery is open to every token: %s', async (...scopes) => {
  const { ask } = await withScopes(...scopes);
  for (const path of ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes/Group']) expect((await ask('GET', path)).status).toBe(200);
});

it('the root answers what the token may see', async () => {
  for (const [scopes, total] of [[['users'], 2], [['read-only'], 4], [[], 4]] as const) {
    const { ask } = await withScopes(...scopes);
    expect((await ask('GET', '/')).body).toMatchObject({ totalResults: total });
    expect((await ask('POST', '/.search')).body).toMatchObject({ totalResults: total });
  }
});

it('a bulk request is refused whole to a reader, and per operation where a type is missing', async () => {
  const reader = await withScopes('read-only');
  expect(await reader.send('POST', '/Bulk', { body: BULK })).toMatchObject({ status: 403 });
  expect(reader.isUntouched()).toBe(true);
  const { send, service } = await withScopes('users');
  expect(await send('POST', '/Bulk', { body: BULK })).toMatchObject({ status: 200, body: { Operations: [{ status: '403', bulkId: 'a' }, { status: '201', bulkId: 'b' }] } });
  expect(service.resources.Group.size).toBe(2);
});
