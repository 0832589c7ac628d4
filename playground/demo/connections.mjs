/** The demo's two connections, made through the plugin's admin API as the panel does. */
import { DemoError } from './progress.mjs';

export const INBOUND_SYSTEM = 'demo-idp';
export const OUTBOUND_SYSTEM = 'demo-app';
/** Members of this group get that role; everyone else keeps the default one. */
export const MAPPED_GROUP = 'Content Editors';
export const MAPPED_ROLE = 'Demo Editor';
export const DEFAULT_ROLE = 'Authenticated';
/** Everybody the demo makes has an address that ends like this: so it finds its own people again. */
export const DEMO_DOMAIN = '@people.demo.example';

const API = '/user-provisioning';

/**
 * @typedef {object} DemoConnections
 * @property {{ id: number, baseUrl: string, token: string }} inbound
 * @property {{ id: number, baseUrl: string }} outbound
 */

/**
 * On a database that was used before, the demo's own connections are taken up again: a new token for the inbound one,
 * the new address of the application for the outbound one.
 *
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {import('./target-process.mjs').TargetApp} target
 * @returns {Promise<DemoConnections>}
 */
export const prepareConnections = async (admin, target) => {
  const defaultRoleId = await admin.endUserRole(DEFAULT_ROLE);
  const editorRoleId = await admin.endUserRole(MAPPED_ROLE);
  const present = (await admin.call('GET', `${API}/connections`)).data;
  const earlier = (/** @type {string} */ direction, /** @type {string} */ system) =>
    present.find((/** @type {any} */ one) => one.direction === direction && one.system === system && one.population === 'end-users');

  const inboundBody = {
    name: 'Demo identity provider',
    system: INBOUND_SYSTEM,
    preset: 'okta',
    enabled: true,
    defaultRoleId,
    roleMappings: [{ groupName: MAPPED_GROUP, roleId: editorRoleId, priority: 10 }],
  };
  const outboundBody = {
    name: 'Demo application',
    system: OUTBOUND_SYSTEM,
    enabled: true,
    baseUrl: target.baseUrl,
    bearerToken: target.token,
  };

  const knownInbound = earlier('inbound', INBOUND_SYSTEM);
  const inbound = knownInbound
    ? await admin
        .call('PUT', `${API}/connections/${knownInbound.id}`, inboundBody)
        .then(() => admin.call('POST', `${API}/connections/${knownInbound.id}/rotate-token`, {}))
    : await admin.call('POST', `${API}/connections`, { ...inboundBody, direction: 'inbound', population: 'end-users' });

  const knownOutbound = earlier('outbound', OUTBOUND_SYSTEM);
  const outboundId = knownOutbound
    ? await admin.call('PUT', `${API}/connections/${knownOutbound.id}`, outboundBody).then(() => knownOutbound.id)
    : (await admin.call('POST', `${API}/connections`, { ...outboundBody, direction: 'outbound', population: 'end-users' })).data.connection.id;

  const { connection, token } = inbound.data;
  if (!token) throw new DemoError('The inbound connection was saved, but no token came back.');
  return {
    inbound: { id: connection.id, baseUrl: connection.baseUrl, token },
    outbound: { id: outboundId, baseUrl: target.baseUrl },
  };
};

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
