/** The demo's two connections, made through the plugin's admin API as the panel does. */
import { until } from './processes.mjs';
import { DemoError } from './progress.mjs';
import { ScimHttp } from './scim-http.mjs';

export const INBOUND_SYSTEM = 'demo-idp';
export const OUTBOUND_SYSTEM = 'demo-app';
/** Members of this group get that role; everyone else keeps the default one. */
export const MAPPED_GROUP = 'Content Editors';
export const MAPPED_ROLE = 'Demo Editor';
export const DEFAULT_ROLE = 'Authenticated';
/** Everybody the demo makes has an address that ends like this: so it finds its own people again. */
export const DEMO_DOMAIN = '@people.demo.example';

/** The demo lets many of its few people go within a minute, which the limits of a real connection would hold. */
const WIDE = { count: 1_000, percent: 20 };
const GUARD = { limits: { deactivate: WIDE, delete: WIDE, 'role-grant': WIDE } };

const API = '/user-provisioning';
const INDEXING_DEADLINE_MS = 10 * 60_000;

/**
 * @typedef {object} DemoConnections
 * @property {{ id: number, baseUrl: string, token: string }} inbound
 * @property {{ id: number, baseUrl: string }} outbound
 */

/**
 * On a database that was used before, the inbound connection is taken up again with a new token, so that its people stay
 * its people. The outbound one is made anew: its application kept everything in memory and is gone.
 *
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {{ baseUrl: string, token: string }} target
 * @returns {Promise<DemoConnections>}
 */
export const prepareConnections = async (admin, target) => {
  const defaultRoleId = await admin.endUserRole(DEFAULT_ROLE);
  const editorRoleId = await admin.endUserRole(MAPPED_ROLE);
  /** @type {any[]} */
  const present = (await admin.call('GET', `${API}/connections`)).data;

  const inboundBody = {
    name: 'Demo identity provider',
    system: INBOUND_SYSTEM,
    preset: 'okta',
    enabled: true,
    guard: GUARD,
    defaultRoleId,
    roleMappings: [{ groupName: MAPPED_GROUP, roleId: editorRoleId, priority: 10 }],
  };
  const earlierInbound = present.find((one) => one.direction === 'inbound' && one.system === INBOUND_SYSTEM && one.population === 'end-users');
  const inbound = earlierInbound
    ? await takeUp(admin, earlierInbound, inboundBody)
    : (await admin.call('POST', `${API}/connections`, { ...inboundBody, direction: 'inbound', population: 'end-users' })).data;
  if (!inbound.token) throw new DemoError('The inbound connection was saved, but no token came back.');

  const earlierOutbound = present.filter((one) => one.direction === 'outbound' && one.system === OUTBOUND_SYSTEM);
  for (const one of earlierOutbound) await admin.call('DELETE', `${API}/connections/${one.id}`);
  const outbound = await admin.call('POST', `${API}/connections`, {
    name: 'Demo application',
    direction: 'outbound',
    population: 'end-users',
    system: OUTBOUND_SYSTEM,
    enabled: true,
    guard: GUARD,
    baseUrl: target.baseUrl,
    bearerToken: target.token,
  });
  const outboundId = outbound.data.connection.id;
  if (earlierOutbound.length > 0) await admin.call('POST', `${API}/connections/${outboundId}/provision-all`, {});

  // Without a public address in Strapi's configuration the URL is a path on this Strapi.
  const baseUrl = new URL(inbound.connection.baseUrl, admin.origin).toString();
  await untilAnswering(baseUrl, inbound.token);
  return {
    inbound: { id: inbound.connection.id, baseUrl, token: inbound.token },
    outbound: { id: outboundId, baseUrl: target.baseUrl },
  };
};

/**
 * A connection of an earlier run: brought up to today's settings, with a new token in place of the old ones.
 *
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {any} earlier
 * @param {Record<string, unknown>} settings
 */
const takeUp = async (admin, earlier, settings) => {
  await admin.call('PUT', `${API}/connections/${earlier.id}`, settings);
  for (const token of earlier.tokens) await admin.call('DELETE', `${API}/connections/${earlier.id}/tokens/${token.id}`);
  return (await admin.call('POST', `${API}/connections/${earlier.id}/rotate-token`, {})).data;
};

/**
 * Accounts that were there before are indexed first; until then a provider is told to come back (503).
 *
 * @param {string} baseUrl
 * @param {string} token
 */
const untilAnswering = (baseUrl, token) =>
  until(
    async () => {
      const { status } = await new ScimHttp(baseUrl, token).get('/Users?startIndex=1&count=1');
      return status === 503 ? null : true;
    },
    { deadlineMs: INDEXING_DEADLINE_MS, onTimeout: () => new DemoError('The accounts of this database are still being indexed. Try again later.') }
  );

/**
 * Removes what an earlier run left in this database: the demo's people and groups.
 *
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {import('./scim-http.mjs').ScimHttp} scim
 */
export const removeEarlierPeople = async (admin, scim) => {
  for (const group of await scim.all('/Groups')) await scim.delete(`/Groups/${group.id}`);
  for (const user of await admin.endUsers(DEMO_DOMAIN)) await admin.deleteEndUser(user);
};
