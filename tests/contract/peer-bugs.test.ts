/**
 * Defects that other SCIM servers had, as tests of this one. Each names where it was seen.
 */
import { createInbound } from '../helpers/connections';
import { describeProviders, EMPTY_LIST, filtered, patch, URN, type Step } from '../helpers/provider-day';
import { SUPER_ADMIN } from '../helpers/strapi';

const person = (userName: string, more: object = {}) => ({
  schemas: [URN.user],
  userName,
  externalId: `ext-${userName}`,
  displayName: userName.toUpperCase(),
  emails: [{ value: `${userName}@peers.example`, type: 'work', primary: true }, { value: `${userName}@home.example`, type: 'home' }],
  ...more,
});

const people = (...names: string[]): Step[] => names.map((name) => ({ what: `create ${name}`, send: 'POST /Users', body: person(name), status: 201, save: name }));

describeProviders(
  { 'Bugs of peers': [
    {
      name: 'removing one member emptied the group (segment-docs#6726), a filter on remove was ignored (itsaplan#250)',
      steps: [
        ...people('mem1', 'mem2', 'mem3'),
        { what: 'a group of three', send: 'POST /Groups', body: { displayName: 'CMS Editors', members: [{ value: '<mem1>' }, { value: '<mem2>' }, { value: '<mem3>' }] }, status: 201, save: 'group', members: { group: ['mem1', 'mem2', 'mem3'] } },
        { what: 'remove one by value', send: 'PATCH /Groups/<group>', body: patch({ op: 'Remove', path: 'members', value: [{ value: '<mem1>' }] }), status: 204, members: { group: ['mem2', 'mem3'] } },
        { what: 'remove one by filter', send: 'PATCH /Groups/<group>', body: patch({ op: 'remove', path: 'members[value eq "<mem2>"]' }), status: 204, members: { group: ['mem3'] }, strapi: { mem3: { role: 'Editors' } } },
        { what: 'remove nobody: an empty list', send: 'PATCH /Groups/<group>', body: patch({ op: 'remove', path: 'members', value: [] }), status: 204, members: { group: ['mem3'] } },
        { what: 'remove one address by filter', send: 'PATCH /Users/<mem3>', body: patch({ op: 'remove', path: 'emails[type eq "home"]' }), status: 200, answer: { emails: [{ value: 'mem3@peers.example' }] }, strapi: { mem3: { email: 'mem3@peers.example' } } },
      ],
    },
    {
      name: 'a repeated POST answered 201 and wiped data (itsaplan#250)',
      steps: [
        ...people('twice'),
        { what: 'the same again', send: 'POST /Users', body: { schemas: [URN.user], userName: 'twice' }, status: 409, answer: { scimType: 'uniqueness' } },
        { what: 'in another case', send: 'POST /Users', body: { schemas: [URN.user], userName: 'TWICE' }, status: 409, answer: { scimType: 'uniqueness' } },
        { what: 'another name with the same externalId', send: 'POST /Users', body: { schemas: [URN.user], userName: 'thrice', externalId: 'ext-twice' }, status: 409, answer: { scimType: 'uniqueness' }, strapi: { thrice: null } },
        { what: 'nothing of it is lost', send: 'GET /Users/<twice>', status: 200, answer: { displayName: 'TWICE', externalId: 'ext-twice', emails: [{ value: 'twice@peers.example' }, { type: 'home' }] }, strapi: { twice: { email: 'twice@peers.example' } } },
        { what: 'it is there once', send: `GET /Users?${filtered('userName eq "twice"')}`, status: 200, answer: { totalResults: 1 } },
      ],
    },
    {
      name: 'an id that the client sent overwrote another user (agent-bom#3540)',
      steps: [
        ...people('victim', 'attacker'),
        { what: 'POST with somebody’s id', send: 'POST /Users', body: person('third', { id: '<victim>' }), status: 201, save: 'third', answer: { userName: 'third' } },
        { what: 'the new one has an id of its own', send: 'GET /Users/<third>', status: 200, answer: { userName: 'third' } },
        { what: 'PUT with somebody’s id', send: 'PUT /Users/<attacker>', body: person('attacker', { id: '<victim>', displayName: 'Changed' }), status: 200, answer: { id: '<attacker>', displayName: 'Changed' } },
        { what: 'the victim is who it was', send: 'GET /Users/<victim>', status: 200, answer: { id: '<victim>', userName: 'victim', displayName: 'VICTIM' }, strapi: { victim: { email: 'victim@peers.example' } } },
        { what: 'PATCH to somebody’s userName', send: 'PATCH /Users/<attacker>', body: patch({ op: 'replace', path: 'userName', value: 'Victim' }), status: 409, answer: { scimType: 'uniqueness' } },
        { what: 'PATCH to somebody’s externalId', send: 'PATCH /Users/<attacker>', body: patch({ op: 'replace', value: { externalId: 'ext-victim' } }), status: 409, answer: { scimType: 'uniqueness' } },
        { what: 'PATCH to a userName that is somebody’s address', send: 'PATCH /Users/<attacker>', body: patch({ op: 'replace', path: 'userName', value: 'victim@peers.example' }), status: 409, answer: { scimType: 'uniqueness' } },
      ],
    },
    {
      name: 'disabling twice enabled again: a toggled bit (scimgateway)',
      steps: [
        ...people('bits'),
        ...[false, false, true, true, false].map(
          (active, index): Step => ({ what: `${index + 1}: active ${active}`, send: 'PATCH /Users/<bits>', body: patch({ op: 'replace', path: 'active', value: active }), status: 200, answer: { active }, strapi: { bits: { blocked: !active } } })
        ),
      ],
    },
    {
      name: 'the second full sync met its own users as conflicts (authentik#12827), errors named nobody (authentik#11165)',
      steps: [
        ...people('sync'),
        { what: 'PUT of the same', send: 'PUT /Users/<sync>', body: person('sync'), status: 200 },
        { what: 'PUT of the same again', send: 'PUT /Users/<sync>', body: person('sync', { id: '<sync>' }), status: 200 },
        { what: 'the error of a conflict names the user', send: 'POST /Users', body: person('sync', { externalId: 'another' }), status: 409, answer: { detail: expect.stringContaining('sync') } },
        { what: 'the error of a wrong value names the attribute', send: 'POST /Users', body: person('bad-mail', { emails: [{ value: 'no address' }] }), status: 400, answer: { scimType: 'invalidValue', detail: expect.stringContaining('email') } },
      ],
    },
    {
      name: 'what another client of the server knows is nobody else’s',
      steps: [{ what: 'its externalId finds nobody', send: `GET /Users?${filtered('externalId eq "ext-sync"')}`, status: 200, answer: EMPTY_LIST }],
    },
  ] },
  (booted) => {
    it('an owner was disabled (itsaplan#250): super admins are not', async () => {
      const admins = await createInbound(booted(), { name: 'Admins', population: 'admin-users' });
      await booted().adminToken();
      const found = await admins.scim('GET', `/Users?${filtered(`userName eq "${SUPER_ADMIN.email}"`)}`);
      const id = found.body.Resources?.[0]?.id;
      expect((await admins.scim('PATCH', `/Users/${id}`, patch({ op: 'Replace', path: 'active', value: 'False' }))).status).toBe(403);
      expect((await admins.scim('DELETE', `/Users/${id}`)).status).toBe(403);
      expect(await booted().strapi.db.query('admin::user').findOne({ where: { email: SUPER_ADMIN.email } })).toMatchObject({ isActive: true });
    });

    it('an unknown connection answered 200 (jackson): it is 401, for reads and writes', async () => {
      const known = await createInbound(booted(), { name: 'Known' });
      const unknown = known.root.replace(known.connection.key, 'gone-00000000');
      for (const path of ['/Users', '/ServiceProviderConfig', '/Nothing', '']) {
        const answer = await booted().http.get(`${unknown}${path}`).set('Authorization', `Bearer ${known.token}`);
        expect({ path, status: answer.status }).toEqual({ path, status: 401 });
      }
      const written = await booted().http.post(`${unknown}/Users`).set('Authorization', `Bearer ${known.token}`).set('Content-Type', 'application/scim+json').send('{"userName":"ghost"}');
      expect(written.status).toBe(401);
      expect(await booted().strapi.db.query('plugin::users-permissions.user').count({ where: { username: 'ghost' } })).toBe(0);
    });
  }
);
