/**
 * A day of Microsoft Entra ID against the same inbound connection. Requests as "Develop and plan provisioning for a SCIM
 * endpoint" of Microsoft's documentation gives them, without the aadOptscim062020 flag: capital operations, "False" as
 * a string, members removed by value. Every answer is checked, and what it did to Strapi.
 */
import { randomUUID } from 'node:crypto';
import { DEFAULT_ROLE, DEMO_DOMAIN } from './connections.mjs';
import { filterOf, ScimHttp } from './scim-http.mjs';

const WHO = 'Entra ID';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ADSCIM = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';

/**
 * @param {string} givenName
 * @param {string} familyName
 */
const profile = (givenName, familyName) => {
  const userName = `${givenName}${familyName[0]}${DEMO_DOMAIN}`;
  return {
    schemas: [USER, ENTERPRISE],
    externalId: randomUUID(),
    userName,
    active: true,
    emails: [{ primary: true, type: 'work', value: userName.toLowerCase() }],
    meta: { resourceType: 'User' },
    name: { formatted: `${givenName} ${familyName}`, familyName, givenName },
    roles: [],
    [ENTERPRISE]: { department: 'Retail', employeeNumber: '1042' },
  };
};

/**
 * @param {import('./report.mjs').Report} report
 * @param {import('./admin-api.mjs').AdminApi} admin
 * @param {import('./connections.mjs').DemoConnections} connections
 */
export const replayEntra = async (report, admin, { inbound }) => {
  const entra = new ScimHttp(inbound.baseUrl, inbound.token);
  const adele = profile('Adele', 'Vance');
  const lee = profile('Lee', 'Gu');
  const groupName = `Retail ${randomUUID().slice(0, 8)}`;

  const empty = async (/** @type {import('./report.mjs').Step} */ step, /** @type {string} */ path) => {
    const body = step.answered(await entra.get(path), 200);
    step.equal('schemas', body?.schemas, ['urn:ietf:params:scim:api:messages:2.0:ListResponse']);
    step.equal('totalResults', body?.totalResults, 0);
  };

  await report.step({ who: WHO, step: 'Test connection: a random GUID', expected: '200, empty list' }, (step) =>
    empty(step, `/Users?${filterOf(`userName eq "${randomUUID()}"`)}`)
  );
  await report.step({ who: WHO, step: 'Look up Adele by externalId', expected: '200, empty list' }, (step) =>
    empty(step, `/Users?${filterOf(`externalId eq "${adele.externalId}"`)}`)
  );
  await report.step({ who: WHO, step: 'Look up Adele by work e-mail', expected: '200, empty list' }, (step) =>
    empty(step, `/Users?${filterOf(`emails[type eq "work"].value eq "${adele.emails[0]?.value}"`)}`)
  );
  await report.step({ who: WHO, step: 'A user that is not there', expected: '404 as a SCIM error' }, async (step) => {
    const body = step.answered(await entra.get(`/Users/${randomUUID()}`), 404);
    step.equal('schemas', body?.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error']);
  });

  const created = await report.step({ who: WHO, step: 'Create Adele with "roles": []', expected: '201; enterprise data kept' }, async (step) => {
    const body = step.answered(await entra.post('/Users', adele), 201);
    step.check(typeof body?.id === 'string' && body.id !== '', 'id is missing');
    step.equal('userName', body?.userName, adele.userName);
    step.equal('externalId', body?.externalId, adele.externalId);
    const read = step.answered(await entra.get(`/Users/${body?.id}`), 200);
    step.equal('department read back', read?.[ENTERPRISE]?.department, 'Retail');
    const user = await admin.endUser(adele.userName);
    step.equal('e-mail in Strapi', user?.email, adele.emails[0]?.value);
    return body;
  });
  const leeCreated = await report.step({ who: WHO, step: 'Create Lee', expected: '201' }, async (step) =>
    step.answered(await entra.post('/Users', lee), 201)
  );
  const path = `/Users/${created?.id}`;

  await report.step({ who: WHO, step: 'Look up Adele in another case', expected: '200, exactly her' }, async (step) => {
    const body = step.answered(await entra.get(`/Users?${filterOf(`userName eq "${adele.userName.toUpperCase()}"`)}`), 200);
    step.equal('ids', (body?.Resources ?? []).map((/** @type {any} */ user) => user.id), [created?.id]);
  });

  await report.step({ who: WHO, step: 'PATCH Replace e-mail by filter and name', expected: '200 or 204; both changed' }, async (step) => {
    const email = `adele.vance-new${DEMO_DOMAIN}`;
    step.answered(
      await entra.patch(path, [
        { op: 'Replace', path: 'emails[type eq "work"].value', value: email },
        { op: 'Replace', path: 'name.familyName', value: 'Vance-New' },
      ]),
      200,
      204
    );
    const read = step.answered(await entra.get(path), 200);
    step.equal('e-mail', read?.emails?.find((/** @type {any} */ one) => one.type === 'work')?.value, email);
    step.equal('family name', read?.name?.familyName, 'Vance-New');
    step.equal('given name', read?.name?.givenName, 'Adele');
    step.equal('e-mail in Strapi', (await admin.endUser(adele.userName))?.email, email);
  });

  await report.step({ who: WHO, step: 'PATCH Add new attributes', expected: '200 or 204; read back' }, async (step) => {
    step.answered(
      await entra.patch(path, [
        { op: 'Add', path: 'displayName', value: 'Adele Vance' },
        { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1 425 555 0109' },
        { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Sales' },
      ]),
      200,
      204
    );
    const read = step.answered(await entra.get(path), 200);
    step.equal('displayName', read?.displayName, 'Adele Vance');
    step.equal('mobile', read?.phoneNumbers?.find((/** @type {any} */ one) => one.type === 'mobile')?.value, '+1 425 555 0109');
    step.equal('department', read?.[ENTERPRISE]?.department, 'Sales');
  });

  await report.step({ who: WHO, step: 'PATCH Replace userName', expected: '200 or 204; renamed in Strapi' }, async (step) => {
    const renamed = `lee.gu${DEMO_DOMAIN}`;
    step.answered(await entra.patch(`/Users/${leeCreated?.id}`, [{ op: 'Replace', path: 'userName', value: renamed }]), 200, 204);
    step.check(await admin.endUser(renamed), 'Strapi has no user with the new name');
    step.check(!(await admin.endUser(lee.userName)), 'Strapi still has the old name');
  });

  await report.step({ who: WHO, step: 'Disable Adele: "False" as a string', expected: '200 or 204; blocked in Strapi' }, async (step) => {
    step.answered(await entra.patch(path, [{ op: 'Replace', path: 'active', value: 'False' }]), 200, 204);
    step.equal('active', (await entra.get(path)).body?.active, false);
    step.equal('blocked in Strapi', (await admin.endUser(adele.userName))?.blocked, true);
  });
  await report.step({ who: WHO, step: 'Enable Adele: "True" as a string', expected: '200 or 204; not blocked' }, async (step) => {
    step.answered(await entra.patch(path, [{ op: 'Replace', path: 'active', value: 'True' }]), 200, 204);
    step.equal('active', (await entra.get(path)).body?.active, true);
    step.equal('blocked in Strapi', (await admin.endUser(adele.userName))?.blocked === true, false);
  });

  const group = await report.step({ who: WHO, step: 'Create a group with the ADSCIM schema', expected: '201' }, async (step) => {
    const body = { schemas: [GROUP, ADSCIM], externalId: randomUUID(), displayName: groupName, meta: { resourceType: 'Group' } };
    return step.answered(await entra.post('/Groups', body), 201);
  });
  const groupPath = `/Groups/${group?.id}`;
  const members = async (/** @type {import('./report.mjs').Step} */ step) =>
    (step.answered(await entra.get(groupPath), 200)?.members ?? []).map((/** @type {any} */ member) => member.value).sort();

  await report.step({ who: WHO, step: 'Find the group by name, without members', expected: '200, one, no members' }, async (step) => {
    const query = `excludedAttributes=members&${filterOf(`displayName eq "${groupName}"`)}`;
    const body = step.answered(await entra.get(`/Groups?${query}`), 200);
    step.equal('ids', (body?.Resources ?? []).map((/** @type {any} */ one) => one.id), [group?.id]);
    step.check(!body?.Resources?.[0]?.members, 'members came although they were excluded');
  });
  await report.step({ who: WHO, step: 'PATCH Add members', expected: '204; both are members' }, async (step) => {
    const value = [created?.id, leeCreated?.id].map((id) => ({ $ref: null, value: id }));
    step.answered(await entra.patch(groupPath, [{ op: 'Add', path: 'members', value }]), 204);
    step.equal('members', await members(step), [created?.id, leeCreated?.id].sort());
  });
  await report.step({ who: WHO, step: 'PATCH Remove one member by value', expected: '204; the other one stays' }, async (step) => {
    step.answered(await entra.patch(groupPath, [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: created?.id }] }]), 204);
    step.equal('members', await members(step), [leeCreated?.id]);
  });
  await report.step({ who: WHO, step: 'PATCH Replace the group name', expected: '204; Lee stays a member' }, async (step) => {
    step.answered(await entra.patch(groupPath, [{ op: 'Replace', path: 'displayName', value: `${groupName} renamed` }]), 204);
    const body = step.answered(await entra.get(groupPath), 200);
    step.equal('displayName', body?.displayName, `${groupName} renamed`);
    step.equal('members', await members(step), [leeCreated?.id]);
  });
  await report.step({ who: WHO, step: 'Delete Adele', expected: '204; then 404; gone from Strapi and the group' }, async (step) => {
    step.answered(await entra.delete(path), 204);
    step.answered(await entra.get(path), 404);
    step.check(!(await admin.endUser(adele.userName)), 'Strapi still has the user name');
    step.equal('members', await members(step), [leeCreated?.id]);
  });
  await report.step({ who: WHO, step: 'Delete the group', expected: `204; then 404; Lee is ${DEFAULT_ROLE}` }, async (step) => {
    step.answered(await entra.delete(groupPath), 204);
    step.answered(await entra.get(groupPath), 404);
    const user = await admin.endUser(`lee.gu${DEMO_DOMAIN}`);
    step.equal('role in Strapi', user?.role?.name, DEFAULT_ROLE);
  });
};
