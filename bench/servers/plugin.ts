/** The plugin in a whole Strapi. Arguments: the database; `unguarded` for a connection without any limit, else it has those of a new one. */
import { createInbound } from '../../tests/helpers/connections';
import { NO_LIMITS } from '../../tests/helpers/guard';
import { bootStrapi } from '../../tests/helpers/strapi';
import { TABLES } from '../../server/src/models';
import { scimUser } from '../people';
import { serve } from './child';
import { idOf, MARKER, nameOf, RowCloner, spread } from './clone-rows';

const client = process.argv[2] === 'postgres' ? 'postgres' : 'sqlite';
const guard = process.argv[3] === 'unguarded' ? NO_LIMITS : {};

void serve(async () => {
  // No sweep meanwhile: it would follow the bulk rows while something else is timed.
  const booted = await bootStrapi({ client, listen: true, config: { plugins: { 'user-provisioning': { config: { sweepSchedule: '0 0 1 1 *' } } } } });
  const idp = await createInbound(booted, { name: 'Bench', guard });
  const rows = new RowCloner(booted.strapi.db.connection, client, ['up_users', 'up_users_role_lnk', ...Object.values(TABLES).filter((table) => table !== TABLES.guardCounts && table !== TABLES.seals)]);
  await rows.template(async () => {
    const answer = await idp.scim('POST', '/Users', scimUser(MARKER));
    if (answer.status !== 201) throw new Error(`The first user was refused: ${answer.status} ${answer.body.detail}`);
  });
  const scimId = String(rows.templateRow(TABLES.identities).scim_id);
  return {
    target: { origin: booted.origin, root: idp.root, headers: { authorization: `Bearer ${idp.token}`, 'content-type': 'application/scim+json' } },
    async fill(total, sample) {
      await rows.fill(total);
      return spread(total, sample).map((n) => ({ id: idOf(scimId, n), userName: `${nameOf(n)}@example.com` }));
    },
    stop: () => booted.stop(),
  };
});
