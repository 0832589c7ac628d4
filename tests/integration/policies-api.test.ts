/** Policies of inbound connections over the admin API: what is taken, and who may set what. */
import type { ConnectionInfo, RoleInfo } from '../../server/src/contracts/connection';
import { DEFAULT_POLICIES } from '../../server/src/domain/connection/policies';
import { adminApi, createConnection, createInbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

let booted: BootedStrapi;
beforeAll(async () => {
  booted = await bootStrapi();
});
afterAll(() => booted.stop());

const put = (id: number, body: unknown) => adminApi<ConnectionInfo>(booted, 'put', `/connections/${id}`, body);

it('a new connection has the defaults, and what is named changes alone', async () => {
  const { connection } = await createInbound(booted, { policies: { strict: true } });
  expect(connection.policies).toEqual({ ...DEFAULT_POLICIES, strict: true });
  const changed = await put(connection.id, { policies: { onDelete: { action: 'anonymise', graceDays: 30 }, requestsPerMinute: 600 } });
  expect(changed.data.policies).toEqual({ ...DEFAULT_POLICIES, strict: true, onDelete: { action: 'anonymise', graceDays: 30 }, requestsPerMinute: 600 });
  expect((await put(connection.id, { policies: { requestsPerMinute: null } })).data.policies?.requestsPerMinute).toBeNull();
});

it.each<[object, string, string]>([
  [{ visibility: 'some' }, 'policies.visibility', 'Choose one of: all, provisioned.'],
  [{ strict: 'yes' }, 'policies.strict', 'Choose true or false.'],
  [{ joinBy: ['userName', 'phone'] }, 'policies.joinBy.1', 'Choose one of: userName, email.'],
  [{ joinBy: ['email', 'email'] }, 'policies.joinBy', 'Name each attribute once.'],
  [{ onDelete: { action: 'delete', graceDays: 366 } }, 'policies.onDelete.graceDays', 'Between 0 and 365 days.'],
  [{ onDelete: { action: 'delete', graceDays: 1.5 } }, 'policies.onDelete.graceDays', 'Enter a whole number of days.'],
  [{ onDeactivate: { action: 'burn', graceDays: 0 } }, 'policies.onDeactivate.action', 'Choose one of: block, delete, anonymise, remove-roles, nothing.'],
  [{ requestsPerMinute: 0 }, 'policies.requestsPerMinute', 'At least 1, or none for no limit.'],
  [{ signInProvider: ' ' }, 'policies.signInProvider', 'Name the provider; “local” is Strapi itself.'],
  [{ writableAttributes: [''] }, 'policies.writableAttributes.0', 'Name the attribute.'],
  [{ userPatchAnswer: 'both' }, 'policies.userPatchAnswer', 'Choose one of: resource, no-content.'],
  [{ allowSuperAdmin: true }, 'policies.allowSuperAdmin', 'End users have no super-admin role: switch this on for connections to admin users only.'],
])('refuses %j at its field, and changes nothing', async (policies, field, message) => {
  const { connection } = await createInbound(booted);
  for (const answer of [
    await put(connection.id, { name: 'Changed', policies }),
    await adminApi(booted, 'post', '/connections', { name: 'New', direction: 'inbound', population: 'end-users', policies }),
  ]) {
    expect(answer.status).toBe(400);
    expect(answer.error.details.errors?.map((item) => [item.path.join('.'), item.message])).toEqual([[field, message]]);
  }
  const stored = await adminApi<ConnectionInfo>(booted, 'get', `/connections/${connection.id}`);
  expect(stored.data).toMatchObject({ name: connection.name, policies: DEFAULT_POLICIES });
});

it('an unknown policy, and a mode that does not exist, are named', async () => {
  const { connection } = await createInbound(booted);
  expect((await put(connection.id, { policies: { surprise: 1 } })).error.details.errors?.[0]?.path).toEqual(['policies']);
  const wrongMode = await put(connection.id, { roleMappings: [{ groupName: 'A', roleId: 1, priority: 1, mode: 'sometimes' }] });
  expect(wrongMode.error.details.errors?.[0]).toMatchObject({ path: ['roleMappings', '0', 'mode'], message: 'Choose one of: authoritative, additive, initial-only.' });
});

describe('the super-admin role', () => {
  const superAdminRole = async (): Promise<number> => {
    const { data } = await adminApi<RoleInfo[]>(booted, 'get', '/roles?population=admin-users');
    return data.find((role) => role.protected)?.id ?? 0;
  };

  it('is given by a group only where that is switched on, never by default', async () => {
    const roleId = await superAdminRole();
    const roleMappings = [{ groupName: 'Owners', roleId, priority: 1 }];
    const { connection } = await createConnection(booted, { name: 'Admins', direction: 'inbound', population: 'admin-users' });
    const refused = await put(connection.id, { roleMappings });
    expect(refused.error.details.errors?.[0]?.path).toEqual(['roleMappings', '0', 'roleId']);
    expect((await put(connection.id, { roleMappings, policies: { allowSuperAdmin: true } })).status).toBe(200);
    // Not to be switched off while a group gives it.
    const off = await put(connection.id, { policies: { allowSuperAdmin: false } });
    expect([off.status, off.error.details.errors?.[0]?.path]).toEqual([400, ['roleMappings', '0', 'roleId']]);
    expect((await put(connection.id, { roleMappings: [], policies: { allowSuperAdmin: false } })).status).toBe(200);
    const byDefault = await put(connection.id, { defaultRoleId: roleId, policies: { allowSuperAdmin: true } });
    expect(byDefault.error.details.errors?.[0]?.path).toEqual(['defaultRoleId']);
  });

  it('nobody but a super admin changes a connection to admin users, nor its tokens', async () => {
    const { connection } = await createConnection(booted, { name: 'Admins', direction: 'inbound', population: 'admin-users' });
    const role = await booted.strapi.service('admin::role').create({ name: 'Provisioner', description: '' });
    await booted.strapi.service('admin::role').assignPermissions(
      role.id,
      ['read', 'create', 'update', 'delete', 'rotate-token'].map((name) => ({
        action: `plugin::user-provisioning.connections.${name}`, subject: null, properties: {}, conditions: [],
      }))
    );
    await booted.strapi.service('admin::user').create({
      firstname: 'P', lastname: 'P', email: 'provisioner@test.example', password: 'Test-Provisioner-1', isActive: true, registrationToken: null, roles: [role.id],
    });
    const login = await booted.http.post('/admin/login').send({ email: 'provisioner@test.example', password: 'Test-Provisioner-1' });
    const as = (method: 'post' | 'put' | 'delete', path: string, body: object) =>
      booted.http[method](`/user-provisioning${path}`).set('Authorization', `Bearer ${login.body.data.token}`).send(body);
    const at = `/connections/${connection.id}`;
    for (const answer of [
      await as('post', '/connections', { name: 'A', direction: 'inbound', population: 'admin-users', policies: { allowSuperAdmin: true } }),
      await as('put', at, { policies: { allowSuperAdmin: true } }),
      await as('post', `${at}/tokens`, { name: 'mine' }),
      await as('post', `${at}/rotate-token`, {}),
      await as('delete', `${at}/tokens/${connection.tokens[0]?.id}`, {}),
      await as('post', `${at}/test`, {}),
      await as('delete', at, {}),
    ]) {
      expect([answer.status, answer.body.error.message]).toEqual([403, 'Connections to admin users can be changed by super admins only.']);
    }
    expect((await adminApi<ConnectionInfo>(booted, 'get', at)).data).toEqual(connection);
  });
});
