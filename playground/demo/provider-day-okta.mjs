/**
 * A day of Okta against the inbound connection. Requests as "Okta and SCIM Version 2.0" of Okta's developer
 * documentation gives them; the test connection as Delinea documents it for Okta. Every answer is checked, and what it
 * did to Strapi.
 */
import { randomBytes } from 'node:crypto';
import { DEFAULT_ROLE, DEMO_DOMAIN, MAPPED_GROUP, MAPPED_ROLE } from './connections.mjs';
import { filterOf, ScimHttp } from './scim-http.mjs';

const WHO = 'Okta';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';

const externalId = () => `00u${randomBytes(9).toString('base64url').replace(/[-_]/g, 'x')}0h7`;

/**
 * The application profile that Okta posts for a newly assigned person.
 * @param {string} givenName
 * @param {string} familyName
 */
const profile = (givenName, familyName) => {
  const userName = `${givenName}.${familyName}${DEMO_DOMAIN}`.toLowerCase();
  return {
    schemas: [USER],
    userName,
    name: { givenName, familyName },
    emails: [{ primary: true, value: userName, type: 'work' }],
    displayName: `${givenName} ${familyName}`,
    locale: 'en-US',
    externalId: externalId(),
    groups: [],
    password: randomBytes(9).toString('base64url'),
    active: true,
  };
};

/**
 * @param {import('./report.mjs').Report} report
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {import('./connections.mjs').DemoConnections} connections
 */
export const replayOkta = async (report, admin, { inbound }) => {
  const okta = new ScimHttp(inbound.baseUrl, inbound.token, { 'user-agent': 'Okta SCIM Client 1.0.0' });
  const ines = profile('Ines', 'Moreau');
  const tom = profile('Tom', 'Becker');
  const lookup = (/** @type {string} */ userName) => `/Users?${filterOf(`userName eq "${userName}"`)}&startIndex=1&count=100`;

  /**
   * What Strapi itself holds about the person.
   * @param {import('./report.mjs').Step} step
   * @param {string} userName
   * @param {{ email?: string, blocked?: boolean, role?: string }} wanted
   */
  const inStrapi = async (step, userName, wanted) => {
    const user = await admin.endUser(userName);
    step.check(user, `Strapi has no user ${userName}`);
    if (!user) return;
    if (wanted.email !== undefined) step.equal('e-mail in Strapi', user.email, wanted.email);
    if (wanted.blocked !== undefined) step.equal('blocked in Strapi', user.blocked === true, wanted.blocked);
    if (wanted.role !== undefined) step.equal('role in Strapi', user.role?.name, wanted.role);
  };

  const isList = (/** @type {import('./report.mjs').Step} */ step, /** @type {any} */ body) => {
    step.equal('schemas', body?.schemas, ['urn:ietf:params:scim:api:messages:2.0:ListResponse']);
    for (const name of ['totalResults', 'startIndex', 'itemsPerPage']) {
      step.check(Number.isInteger(body?.[name]), `${name} is ${JSON.stringify(body?.[name])}, not an integer`);
    }
    step.check(body?.totalResults === 0 || Array.isArray(body?.Resources), 'Resources is not a list');
  };

  await report.step({ who: WHO, step: 'Test connection', expected: '200, a list' }, async (step) => {
    isList(step, step.answered(await okta.get('/Users?startIndex=1&count=2'), 200));
  });

  await report.step({ who: WHO, step: 'A wrong token', expected: '401 as a SCIM error' }, async (step) => {
    const answer = await new ScimHttp(inbound.baseUrl, 'wrong', { 'user-agent': 'Okta SCIM Client 1.0.0' }).get('/Users?startIndex=1&count=2');
    const body = step.answered(answer, 401);
    step.equal('schemas', body?.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error']);
    step.check(answer.headers.get('www-authenticate'), 'WWW-Authenticate is missing');
  });

  await report.step({ who: WHO, step: 'Look up Ines before creating her', expected: '200, empty list' }, async (step) => {
    const body = step.answered(await okta.get(lookup(ines.userName)), 200);
    isList(step, body);
    step.equal('totalResults', body?.totalResults, 0);
  });

  const created = await report.step({ who: WHO, step: 'Create Ines', expected: '201; in Strapi with the default role' }, async (step) => {
    const answer = await okta.post('/Users', ines);
    const body = step.answered(answer, 201);
    step.check(typeof body?.id === 'string' && body.id !== '', 'id is missing');
    for (const name of ['userName', 'externalId', 'displayName', 'locale', 'active']) {
      step.equal(name, body?.[name], ines[/** @type {keyof typeof ines} */ (name)]);
    }
    step.equal('name', { givenName: body?.name?.givenName, familyName: body?.name?.familyName }, ines.name);
    step.equal('e-mail', body?.emails?.[0]?.value, ines.userName);
    step.check(body?.password === undefined, 'the password came back');
    step.check((answer.headers.get('location') ?? '').endsWith(`/Users/${body?.id}`), `Location is ${answer.headers.get('location')}`);
    await inStrapi(step, ines.userName, { email: ines.userName, blocked: false, role: DEFAULT_ROLE });
    return body;
  });

  await report.step({ who: WHO, step: 'Create Ines once more', expected: '409; nothing changed' }, async (step) => {
    const body = step.answered(await okta.post('/Users', { ...ines, name: { givenName: 'Wrong', familyName: 'Wrong' } }), 409);
    step.equal('schemas', body?.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error']);
    const after = await okta.get(`/Users/${created?.id}`);
    step.equal('name', after.body?.name?.givenName, ines.name.givenName);
  });

  await report.step({ who: WHO, step: 'The password does not sign in', expected: '400', request: 'POST /api/auth/local' }, async (step) => {
    const status = await admin.signInAsEndUser(ines.userName, ines.password);
    step.got = String(status);
    step.equal('the answer to the sign-in', status, 400);
  });

  const tomCreated = await report.step({ who: WHO, step: 'Create Tom', expected: '201' }, async (step) =>
    step.answered(await okta.post('/Users', tom), 201)
  );

  await report.step({ who: WHO, step: 'Import users', expected: '200; Ines and Tom are in it' }, async (step) => {
    const body = step.answered(await okta.get('/Users?startIndex=1&count=100'), 200);
    isList(step, body);
    const names = body.Resources.map((/** @type {any} */ user) => user.userName);
    step.check(names.includes(ines.userName) && names.includes(tom.userName), `the list holds ${names.join(', ')}`);
  });

  await report.step({ who: WHO, step: 'Update Ines: PUT of the whole object', expected: '200; the new name and e-mail' }, async (step) => {
    const before = step.answered(await okta.get(`/Users/${created?.id}`), 200);
    const email = `ines.moreau-lopez${DEMO_DOMAIN}`;
    const body = step.answered(
      await okta.put(`/Users/${created?.id}`, {
        ...before,
        name: { givenName: 'Ines', middleName: 'Maria', familyName: 'Moreau-Lopez' },
        displayName: 'Ines Moreau-Lopez',
        emails: [{ primary: true, value: email, type: 'work', display: email }],
      }),
      200
    );
    step.request = 'PUT /Users/<id>';
    step.equal('family name', body?.name?.familyName, 'Moreau-Lopez');
    const again = step.answered(await okta.get(`/Users/${created?.id}`), 200);
    step.equal('middle name read back', again?.name?.middleName, 'Maria');
    step.equal('externalId read back', again?.externalId, ines.externalId);
    await inStrapi(step, ines.userName, { email, blocked: false });
  });

  await report.step({ who: WHO, step: 'PUT without "active" and "groups"', expected: '200; Ines stays active' }, async (step) => {
    const { active: _active, groups: _groups, password: _password, ...rest } = ines;
    const body = step.answered(await okta.put(`/Users/${created?.id}`, { ...rest, id: created?.id }), 200);
    step.equal('active', body?.active, true);
    await inStrapi(step, ines.userName, { email: ines.userName, blocked: false });
  });

  await report.step({ who: WHO, step: 'Deactivate Tom by PUT', expected: '200; blocked in Strapi' }, async (step) => {
    const before = step.answered(await okta.get(`/Users/${tomCreated?.id}`), 200);
    const body = step.answered(await okta.put(`/Users/${tomCreated?.id}`, { ...before, active: false }), 200);
    step.request = 'PUT /Users/<id> {"active":false,...}';
    step.equal('active', body?.active, false);
    await inStrapi(step, tom.userName, { blocked: true });
  });

  await report.step({ who: WHO, step: 'Reactivate Tom by PATCH', expected: '200 or 204; not blocked' }, async (step) => {
    step.answered(await okta.patch(`/Users/${tomCreated?.id}`, [{ op: 'replace', value: { active: true } }]), 200, 204);
    await inStrapi(step, tom.userName, { blocked: false });
  });

  await report.step({ who: WHO, step: 'Deactivate Tom by PATCH without a path', expected: '200 or 204; blocked, still listed' }, async (step) => {
    step.answered(await okta.patch(`/Users/${tomCreated?.id}`, [{ op: 'replace', value: { active: false } }]), 200, 204);
    const body = step.answered(await okta.get(lookup(tom.userName)), 200);
    step.equal('found', body?.totalResults, 1);
    step.equal('active', body?.Resources?.[0]?.active, false);
    await inStrapi(step, tom.userName, { blocked: true });
  });

  const group = await report.step({ who: WHO, step: `Push the group ${MAPPED_GROUP}`, expected: '201' }, async (step) => {
    const body = step.answered(await okta.post('/Groups', { schemas: [GROUP], displayName: MAPPED_GROUP, members: [] }), 201);
    step.check(typeof body?.id === 'string' && body.id !== '', 'id is missing');
    step.equal('displayName', body?.displayName, MAPPED_GROUP);
    return body;
  });
  const groupPath = `/Groups/${group?.id}`;
  const membersOf = async (/** @type {import('./report.mjs').Step} */ step) => {
    const body = step.answered(await okta.get(groupPath), 200);
    return (body?.members ?? []).map((/** @type {any} */ member) => member.value).sort();
  };

  await report.step({ who: WHO, step: 'Group name, sent with every membership', expected: '200 or 204' }, async (step) => {
    step.answered(await okta.patch(groupPath, [{ op: 'replace', value: { id: group?.id, displayName: MAPPED_GROUP } }]), 200, 204);
  });

  await report.step({ who: WHO, step: 'Group push: remove one, add Ines', expected: `200 or 204; role ${MAPPED_ROLE}` }, async (step) => {
    step.answered(
      await okta.patch(groupPath, [
        { op: 'remove', path: `members[value eq "${tomCreated?.id}"]` },
        { op: 'add', path: 'members', value: [{ value: created?.id, display: ines.userName }] },
      ]),
      200,
      204
    );
    step.equal('members', await membersOf(step), [created?.id]);
    await inStrapi(step, ines.userName, { role: MAPPED_ROLE });
  });

  await report.step({ who: WHO, step: 'Group push: replace all members', expected: '200 or 204; both are members' }, async (step) => {
    step.answered(
      await okta.patch(groupPath, [
        { op: 'replace', path: 'members', value: [{ value: created?.id, display: ines.userName }, { value: tomCreated?.id, display: tom.userName }] },
      ]),
      200,
      204
    );
    step.equal('members', await membersOf(step), [created?.id, tomCreated?.id].sort());
  });

  await report.step({ who: WHO, step: 'Group push: remove Tom', expected: '200 or 204; Ines stays a member' }, async (step) => {
    step.answered(await okta.patch(groupPath, [{ op: 'remove', path: `members[value eq "${tomCreated?.id}"]` }]), 200, 204);
    step.equal('members', await membersOf(step), [created?.id]);
    await inStrapi(step, tom.userName, { role: DEFAULT_ROLE });
    await inStrapi(step, ines.userName, { role: MAPPED_ROLE });
  });

  await report.step({ who: WHO, step: 'Import groups', expected: '200; the group is in it' }, async (step) => {
    const body = step.answered(await okta.get('/Groups?startIndex=1&count=100'), 200);
    isList(step, body);
    step.check(body.Resources.some((/** @type {any} */ one) => one.id === group?.id), 'the group is not in the list');
  });

  await report.step({ who: WHO, step: 'Unlink and delete the group', expected: `204; Ines is ${DEFAULT_ROLE} again` }, async (step) => {
    step.answered(await okta.delete(groupPath), 204);
    step.answered(await okta.get(groupPath), 404);
    await inStrapi(step, ines.userName, { role: DEFAULT_ROLE });
  });
};
