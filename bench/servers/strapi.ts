/** Strapi's own content API for end users, without the plugin. Argument: the database. */
import { bootStrapi } from '../../tests/helpers/strapi';
import { strapiUser } from '../people';
import { serve } from './child';
import { MARKER, nameOf, RowCloner, spread } from './clone-rows';

const client = process.argv[2] === 'postgres' ? 'postgres' : 'sqlite';

void serve(async () => {
  const booted = await bootStrapi({ client, listen: true, config: { plugins: { 'user-provisioning': { enabled: false } } } });
  const { strapi } = booted;
  const role = (await strapi.db.query('plugin::users-permissions.role').findOne({ where: { type: 'authenticated' } })).id;
  const { accessKey } = await strapi.service('admin::api-token').create({ name: 'Bench', description: '', type: 'full-access', lifespan: null });
  const rows = new RowCloner(strapi.db.connection, client, ['up_users', 'up_users_role_lnk']);
  await rows.template(async () => {
    const answer = await booted.http.post('/api/users').set('Authorization', `Bearer ${accessKey}`).send({ ...strapiUser(MARKER), role });
    if (answer.status !== 201) throw new Error(`The first user was refused: ${answer.status} ${answer.text}`);
  });
  const first = Number(rows.templateRow('up_users').id);
  return {
    target: { origin: booted.origin, root: '/api', headers: { authorization: `Bearer ${accessKey}`, 'content-type': 'application/json', 'x-bench-role': String(role) } },
    async fill(total, sample) {
      await rows.fill(total);
      return spread(total, sample).map((n) => ({ id: String(first + n), userName: `${nameOf(n)}@example.com` }));
    },
    stop: () => booted.stop(),
  };
});
