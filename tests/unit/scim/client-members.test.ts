/** Members of a group at an application: what is sent, in which form. */
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { HttpRequest } from '../../../server/src/ports/http-client';
import { ScimTargetDirectory } from '../../../server/src/scim/client/target-directory';
import { GROUP_URN } from '../../../server/src/scim/schema/urns';

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

function target(...replies: { status?: number; json?: unknown }[]) {
  const requests: HttpRequest[] = [];
  const http = {
    async request(request: HttpRequest) {
      requests.push(request);
      const { status = 200, json } = replies[requests.length - 1] ?? {};
      return { status, headers: {}, text: json === undefined ? '' : JSON.stringify(json) };
    },
  };
  const directory = new ScimTargetDirectory({ http, baseUrl: 'https://app.example/scim', bearerToken: null });
  const sent = () => requests.map(({ method, url, body }) => [method, url.replace('https://app.example/scim', ''), body === undefined ? null : (JSON.parse(body) as unknown)]);
  return { directory, sent };
}
const held = { schemas: [GROUP_URN], id: 'g1', displayName: 'Staff', meta: { resourceType: 'Group' }, members: [{ value: 'x', display: 'X' }, { value: 'u1' }, { value: 'u3' }] };

it('sends only who comes and who goes, in one PATCH', async () => {
  const { directory, sent } = target({ status: 204 });
  const { exchange } = await directory.updateMembers('g 1', ['u1', 'u2'], ['u3', 'u"4']);
  expect(exchange).toMatchObject({ method: 'PATCH', status: 204 });
  expect(sent()).toEqual([
    ['PATCH', '/Groups/g%201', {
      schemas: [PATCH_OP],
      Operations: [
        { op: 'remove', path: 'members[value eq "u3"]' },
        { op: 'remove', path: 'members[value eq "u\\"4"]' },
        { op: 'add', path: 'members', value: [{ value: 'u1' }, { value: 'u2' }] },
      ],
    }],
  ]);
});

it('sends nothing for nobody, and no empty operation', async () => {
  const { directory, sent } = target({ status: 204 });
  await directory.updateMembers('g1', [], []);
  await directory.updateMembers('g1', [], ['u1']);
  expect(sent()).toEqual([['PATCH', '/Groups/g1', { schemas: [PATCH_OP], Operations: [{ op: 'remove', path: 'members[value eq "u1"]' }] }]]);
});

it.each([405, 501])('where PATCH is not known (%d) the whole group goes back with the others as they are, from then on', async (status) => {
  const { directory, sent } = target({ status }, { json: held }, { json: held }, { json: held }, { json: held });
  await directory.updateMembers('g1', ['u1', 'u2'], ['u3', 'u9']);
  await directory.updateMembers('g1', [], ['u1']);
  expect(sent().slice(1)).toEqual([
    ['GET', '/Groups/g1', null],
    ['PUT', '/Groups/g1', { schemas: [GROUP_URN], id: 'g1', displayName: 'Staff', members: [{ value: 'x', display: 'X' }, { value: 'u1' }, { value: 'u2' }] }],
    ['GET', '/Groups/g1', null],
    ['PUT', '/Groups/g1', { schemas: [GROUP_URN], id: 'g1', displayName: 'Staff', members: [{ value: 'x', display: 'X' }, { value: 'u3' }] }],
  ]);
});

it('a group that is gone is not found, in both forms', async () => {
  await expect(target({ status: 404 }).directory.updateMembers('g1', ['u1'], [])).rejects.toMatchObject({ code: 'not-found' });
  await expect(target({ status: 405 }, { status: 404 }).directory.updateMembers('g1', ['u1'], [])).rejects.toMatchObject({ code: 'not-found' });
  await expect(target({ status: 400, json: { scimType: 'noTarget' } }).directory.updateMembers('g1', [], ['u1'])).rejects.toBeInstanceOf(ProvisioningError);
});
