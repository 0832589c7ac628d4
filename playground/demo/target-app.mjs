/**
 * The application that Strapi provisions: SCIM by `scimmy` and `scimmy-routers` on express, none of it ours. Only the
 * store is here, a Map, wired to the handlers that scimmy's documentation calls ingress, egress and degress.
 *
 * Runs as a process of its own: `TARGET_APP_TOKEN=<token> node target-app.mjs`. The first line on stdout is
 * `{"baseUrl":"http://127.0.0.1:<port>/scim/v2"}`. It ends with its parent (stdin closes) or on SIGTERM.
 */
import { randomUUID, timingSafeEqual, createHash } from 'node:crypto';
import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';

const token = process.env.TARGET_APP_TOKEN;
if (!token) {
  process.stderr.write('TARGET_APP_TOKEN is not set.\n');
  process.exit(2);
}

/** @param {string} value */
const digest = (value) => createHash('sha256').update(value).digest();
const expected = digest(`Bearer ${token}`);

/**
 * @param {any} Resource SCIMMY.Resources.User or SCIMMY.Resources.Group
 * @param {(candidate: Record<string, unknown>) => string} uniqueName
 * @param {string | null} uniqueAttribute Attribute whose value may stand only once, or null
 */
const declare = (Resource, uniqueName, uniqueAttribute) => {
  /** @type {Map<string, Record<string, any>>} */
  const store = new Map();
  /** @type {Map<string, string>} unique name -> id */
  const names = new Map();

  const existing = (/** @type {string} */ id) => {
    const found = store.get(id);
    if (!found) throw new SCIMMY.Types.Error(404, '', `Resource ${id} not found`);
    return found;
  };

  Resource.ingress((/** @type {any} */ resource, /** @type {any} */ instance) => {
    const now = new Date();
    const before = resource.id ? existing(resource.id) : { id: randomUUID(), meta: { created: now } };
    const data = JSON.parse(JSON.stringify(instance));
    const name = uniqueName(data).toLowerCase();
    if (uniqueAttribute && (names.get(name) ?? before.id) !== before.id) {
      throw new SCIMMY.Types.Error(409, 'uniqueness', `Another resource has this ${uniqueAttribute}`);
    }
    if (resource.id) names.delete(uniqueName(before).toLowerCase());
    names.set(name, before.id);
    const after = { ...data, id: before.id, meta: { created: before.meta.created, lastModified: now } };
    store.set(after.id, after);
    return after;
  });

  Resource.egress((/** @type {any} */ resource) => {
    if (resource.id) return existing(resource.id);
    const all = [...store.values()];
    return resource.filter ? resource.filter.match(all) : all;
  });

  Resource.degress((/** @type {any} */ resource) => {
    names.delete(uniqueName(existing(resource.id)).toLowerCase());
    store.delete(resource.id);
  });

  SCIMMY.Resources.declare(Resource, {});
};

SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
declare(SCIMMY.Resources.User, (user) => String(user.userName), 'userName');
declare(SCIMMY.Resources.Group, (group) => String(group.displayName), null);

const app = express();
app.disable('x-powered-by');
app.use(
  '/scim/v2',
  new SCIMMYRouters({
    type: 'bearer',
    baseUri: (/** @type {import('express').Request} */ request) => `http://${request.get('host')}`,
    handler: (/** @type {import('express').Request} */ request) => {
      if (!timingSafeEqual(digest(request.get('authorization') ?? ''), expected)) throw new Error('Wrong token');
      return 'strapi';
    },
  })
);

const server = app.listen(Number(process.env.TARGET_APP_PORT ?? 0), '127.0.0.1', () => {
  const address = server.address();
  const port = address && typeof address === 'object' ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ baseUrl: `http://127.0.0.1:${port}/scim/v2` })}\n`);
});

const end = () => process.exit(0);
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.stdin.on('end', end).on('error', end).resume();
