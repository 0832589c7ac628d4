import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { availableDatabases } from '../helpers/databases';

describe.each(availableDatabases())('a Strapi with the plugin on %s', (client) => {
  let app: BootedStrapi;

  beforeAll(async () => {
    app = await bootStrapi({ client });
  });

  afterAll(async () => {
    await app?.stop();
  });

  it('loads the plugin', () => {
    expect(app.strapi.plugin('user-provisioning')).toBeDefined();
  });

  it('keeps the admin API from strangers', async () => {
    await app.http.get('/user-provisioning/connections').expect(401);
  });

  it('answers a super admin that nothing is connected yet', async () => {
    const answer = await app.http.get('/user-provisioning/connections').set('Authorization', `Bearer ${await app.adminToken()}`).expect(200);
    expect(answer.body).toEqual({ data: [] });
  });

  it('answers an unknown SCIM connection with a SCIM error', async () => {
    const answer = await app.http.get('/api/user-provisioning/nobody-00000000/scim/v2/Users').set('Authorization', 'Bearer none').expect(401);
    expect(answer.type).toBe('application/scim+json');
    expect(JSON.parse(answer.text)).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '401' });
  });

  it('starts again on the data of an earlier start', async () => {
    await app.stop({ keepDatabase: true });
    app = await bootStrapi({ database: app.database });
    await app.http.get('/user-provisioning/connections').set('Authorization', `Bearer ${await app.adminToken()}`).expect(200);
  });
});
