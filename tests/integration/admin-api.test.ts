import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { adminApi, createConnection, createInbound } from '../helpers/connections';
import type { ConnectionInfo, ConnectionWithToken } from '../../server/src/contracts/connection';

describe('with an encryption key', () => {
  let booted: BootedStrapi;
  beforeAll(async () => {
    booted = await bootStrapi();
  });
  afterAll(() => booted.stop());

  it('shows a token once and keeps no credential readable', async () => {
    const inbound = await createConnection(booted, { name: 'Okta', direction: 'inbound', population: 'end-users' });
    expect(inbound.token).toMatch(/^scim_/);
    const outbound = await createConnection(booted, {
      name: 'App', direction: 'outbound', population: 'end-users', baseUrl: 'https://app.example/scim/v2/', bearerToken: 'top-secret-token',
    });
    expect(outbound.connection).toMatchObject({ baseUrl: 'https://app.example/scim/v2', credential: 'stored' });
    const listed = JSON.stringify((await adminApi(booted, 'get', '/connections')).data);
    const stored = JSON.stringify(await booted.strapi.db.connection('provisioning_connections').select());
    for (const secret of [inbound.token ?? '', 'top-secret-token']) {
      expect(listed).not.toContain(secret);
      expect(stored).not.toContain(secret);
    }
  });

  it('rotates with overlap and revokes at once', async () => {
    const idp = await createInbound(booted);
    const rotated = await adminApi<ConnectionWithToken>(booted, 'post', `/connections/${idp.connection.id}/rotate-token`);
    const withToken = (token: string | null) => booted.http.get(`${idp.root}/Users`).set('Authorization', `Bearer ${token}`);
    expect((await withToken(idp.token)).status).toBe(200);
    expect((await withToken(rotated.data.token)).status).toBe(200);
    const old = rotated.data.connection.tokens[0];
    await adminApi(booted, 'delete', `/connections/${idp.connection.id}/tokens/${old?.id}`);
    expect((await withToken(idp.token)).status).toBe(401);
    expect((await withToken(rotated.data.token)).status).toBe(200);
  });

  it('a switched-off connection asks the provider to come back', async () => {
    const idp = await createInbound(booted);
    await adminApi(booted, 'put', `/connections/${idp.connection.id}`, { enabled: false });
    const answer = await idp.scim('GET', '/Users');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '300']);
  });

  it.each([
    [{ direction: 'inbound', population: 'end-users' }, 'name'],
    [{ name: 'x', direction: 'sideways', population: 'end-users' }, 'direction'],
    [{ name: 'x', direction: 'outbound', population: 'end-users' }, 'baseUrl'],
    [{ name: 'x', direction: 'outbound', population: 'end-users', baseUrl: 'ftp://x' }, 'baseUrl'],
    [{ name: 'x', direction: 'inbound', population: 'end-users', defaultRoleId: 4711 }, 'defaultRoleId'],
    [{ name: 'x', direction: 'inbound', population: 'end-users', surprise: 1 }, ''],
  ])('refuses %j naming the field', async (input, field) => {
    const answer = await adminApi(booted, 'post', '/connections', input);
    expect(answer.status).toBe(400);
    expect(answer.error.details.errors?.map((item) => item.path.join('.'))).toContain(field);
  });

  it('deletes a connection with everything that opens it', async () => {
    const idp = await createInbound(booted);
    expect((await adminApi(booted, 'delete', `/connections/${idp.connection.id}`)).status).toBe(200);
    expect((await idp.scim('GET', '/Users')).status).toBe(401);
    expect((await adminApi(booted, 'get', `/connections/${idp.connection.id}`)).status).toBe(404);
  });

  it('needs a session and the permission', async () => {
    expect((await booted.http.get('/user-provisioning/connections')).status).toBe(401);
    const role = await booted.strapi.service('admin::role').create({ name: 'Reader', description: '' });
    await booted.strapi.service('admin::role').assignPermissions(role.id, [
      { action: 'plugin::user-provisioning.connections.read', subject: null, properties: {}, conditions: [] },
      { action: 'plugin::user-provisioning.connections.create', subject: null, properties: {}, conditions: [] },
    ]);
    await booted.strapi.service('admin::user').create({
      firstname: 'R', lastname: 'R', email: 'reader@test.example', password: 'Test-Reader-1', isActive: true, registrationToken: null, roles: [role.id],
    });
    const login = await booted.http.post('/admin/login').send({ email: 'reader@test.example', password: 'Test-Reader-1' });
    const as = (method: 'get' | 'post', path: string, body?: object) =>
      booted.http[method](`/user-provisioning${path}`).set('Authorization', `Bearer ${login.body.data.token}`).send(body);
    expect((await as('get', '/connections')).status).toBe(200);
    expect((await as('get', '/operations')).status).toBe(403);
    expect((await as('get', '/operations/check')).status).toBe(403);
    expect((await as('post', '/connections', { name: 'E', direction: 'inbound', population: 'end-users' })).status).toBe(201);
    // Whoever provisions admin users can make admins.
    const refused = await as('post', '/connections', { name: 'A', direction: 'inbound', population: 'admin-users' });
    expect(refused.status).toBe(403);
  });
});

it('without an encryption key, saving a credential is refused with the way out', async () => {
  const booted = await bootStrapi({ config: { admin: { secrets: { encryptionKey: '' } } } });
  try {
    const answer = await adminApi(booted, 'post', '/connections', {
      name: 'App', direction: 'outbound', population: 'end-users', baseUrl: 'https://app.example', bearerToken: 'secret',
    });
    expect(answer.status).toBe(400);
    expect(answer.error.message).toContain('ENCRYPTION_KEY');
    expect((await adminApi<ConnectionInfo[]>(booted, 'get', '/connections')).data).toEqual([]);
    expect((await adminApi<{ encryptionReady: boolean }>(booted, 'get', '/status')).data.encryptionReady).toBe(false);
  } finally {
    await booted.stop();
  }
});
