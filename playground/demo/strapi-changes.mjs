/**
 * The other direction: people change in Strapi, by a provider or by an editor in the Content Manager, and the application
 * beside it comes to hold the same people.
 */
import { randomBytes } from 'node:crypto';
import { DEFAULT_ROLE, DEMO_DOMAIN } from './connections.mjs';
import { until } from './processes.mjs';
import { ScimHttp } from './scim-http.mjs';

const WHO = 'Strapi';
const APP = 'Application';
const DEADLINE_MS = 60_000;

/**
 * The person in words, the same for both sides: so that they can be compared.
 * @param {{ userName: string, email: string | undefined, active: boolean }} person
 */
const inWords = ({ userName, email, active }) => `${userName} <${email ?? 'no address'}>${active ? '' : ' (blocked)'}`;

/** @param {string} text */
const ofTheDemo = (text) => text.endsWith(DEMO_DOMAIN);

/**
 * Who is where. Somebody blocked before the application ever heard of them is rightly not there; everybody else is, with
 * the same address and the same state, and nobody more.
 *
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {ScimHttp} app
 * @returns {Promise<{ strapi: string[], there: string[] }>}
 */
const compare = async (admin, app) => {
  const there = (await app.all('/Users')).filter((user) =>
    [user.userName, ...(user.emails ?? []).map((/** @type {any} */ one) => one.value)].some((text) => ofTheDemo(String(text)))
  );
  const known = new Set(there.map((user) => user.userName));
  const strapi = (await admin.endUsers(DEMO_DOMAIN)).filter((user) => user.blocked !== true || known.has(user.username));
  return {
    strapi: strapi.map((user) => inWords({ userName: user.username, email: user.email, active: user.blocked !== true })).sort(),
    there: there.map((user) => inWords({ userName: user.userName, email: user.emails?.[0]?.value, active: user.active !== false })).sort(),
  };
};

/**
 * @param {import('./report.mjs').Step} step
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {ScimHttp} app
 * @param {string[]} [wanted] what must be among it
 */
const waitForSamePeople = async (step, admin, app, wanted = []) => {
  step.request = 'GET /Users of the application, until equal';
  const started = Date.now();
  /** @type {{ strapi: string[], there: string[] }} */
  let seen = { strapi: [], there: [] };
  await until(
    async () => {
      seen = await compare(admin, app);
      const same = seen.strapi.join() === seen.there.join();
      return same && wanted.every((person) => seen.there.includes(person)) ? true : null;
    },
    {
      deadlineMs: DEADLINE_MS,
      onTimeout: () =>
        new Error(`after ${DEADLINE_MS / 1000} s Strapi holds [${seen.strapi.join(', ')}], the application [${seen.there.join(', ')}]`),
    }
  );
  step.got = `${seen.there.length} people after ${((Date.now() - started) / 1000).toFixed(1)} s`;
};

/**
 * @param {import('./report.mjs').Report} report
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {import('./connections.mjs').DemoConnections} connections
 * @param {import('./target-process.mjs').TargetApp} target
 */
export const changeInStrapi = async (report, admin, connections, target) => {
  const app = new ScimHttp(target.baseUrl, target.token);
  const role = await admin.endUserRole(DEFAULT_ROLE);
  const person = (/** @type {string} */ name) => ({
    username: `${name}${DEMO_DOMAIN}`,
    email: `${name}${DEMO_DOMAIN}`,
    password: randomBytes(12).toString('base64url'),
    confirmed: true,
    blocked: false,
    role: { connect: [{ id: role }], disconnect: [] },
  });
  const same = (/** @type {string} */ step, /** @type {string[]} */ ...wanted) =>
    report.step({ who: APP, step, expected: 'the same people as Strapi' }, (current) => waitForSamePeople(current, admin, app, wanted));

  await report.step({ who: WHO, step: 'Test the outbound connection', expected: 'ok', request: 'POST /connections/<id>/test' }, async (step) => {
    const { data } = await admin.call('POST', `/user-provisioning/connections/${connections.outbound.id}/test`, {});
    step.check(data.ok, (data.steps ?? []).map((/** @type {any} */ one) => one.message).join('; '));
  });
  await same('Holds what the provider did');

  const maria = person('maria.lopez');
  const noah = person('noah.smith');
  const CM = 'Content Manager';
  const [first, second] = (await report.step({ who: WHO, step: 'An editor creates Maria and Noah', expected: 'created', request: CM }, async () => [
    await admin.createEndUser(maria),
    await admin.createEndUser(noah),
  ])) ?? [null, null];
  const words = (/** @type {string} */ userName, email = userName, active = true) => inWords({ userName, email, active });
  await report.step({ who: WHO, step: 'Noah signs in with his password', expected: '200', request: 'POST /api/auth/local' }, async (step) => {
    const status = await admin.signInAsEndUser(noah.username, noah.password);
    step.got = String(status);
    step.equal('the answer to the sign-in', status, 200);
  });
  await same('Knows Maria and Noah', words(maria.username), words(noah.username));

  const newAddress = `maria.lopez-new${DEMO_DOMAIN}`;
  await report.step({ who: WHO, step: 'An editor changes an e-mail, blocks Noah', expected: 'saved', request: CM }, async (step) => {
    if (!first || !second) return step.check(false, 'the two people were not created');
    await admin.updateEndUser(first, { email: newAddress });
    await admin.updateEndUser(second, { blocked: true });
  });
  await same('Has the address, Noah is inactive', words(maria.username, newAddress), words(noah.username, noah.email, false));

  await report.step({ who: WHO, step: 'An editor deletes Maria', expected: 'deleted', request: CM }, async (step) => {
    if (!first) return step.check(false, 'she was not created');
    await admin.deleteEndUser(first);
  });
  await same('Has forgotten Maria');

  await report.step(
    { who: 'Log', step: 'Both directions stand in the log', expected: 'creations, in and out', request: 'GET /user-provisioning/operations' },
    async (step) => {
      for (const [direction, connection] of Object.entries(connections)) {
        const { data } = await admin.call('GET', `/user-provisioning/operations?connectionId=${connection.id}&operation=create&outcome=success`);
        step.check(data.results.length > 0, `no ${direction} creation in the log`);
        const detail = data.results[0] && (await admin.call('GET', `/user-provisioning/operations/${data.results[0].id}`)).data;
        step.check(detail?.steps?.length > 0, `the ${direction} creation has no steps`);
        const text = JSON.stringify(detail ?? {});
        const secrets = [connections.inbound.token, target.token, maria.password, noah.password];
        step.check(!secrets.some((secret) => text.includes(secret)), `a secret stands in the ${direction} entry`);
      }
    }
  );
};
