import { createInbound, type Inbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';

let booted: BootedStrapi;
let idp: Inbound;

beforeAll(async () => {
  booted = await bootStrapi({ listen: true });
  idp = await createInbound(booted);
});
afterAll(() => booted.stop());

const ROUNDS = 15;

it('nobody stays a member who is deleted while they are added', async () => {
  const group = (await idp.scim('POST', '/Groups', { displayName: 'Meeting point' })).body.id;
  for (let round = 0; round < ROUNDS; round += 1) {
    const people = await Promise.all([0, 1, 2].map((index) => idp.scim('POST', '/Users', { userName: `passer-by-${round}-${index}` })));
    await Promise.all(
      people.flatMap(({ body: { id } }) => [
        idp.scim('PATCH', `/Groups/${group}`, { Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] }),
        idp.scim('DELETE', `/Users/${id}`),
      ])
    );
  }
  // The members' own answers tell: an id that nobody has any more would be among them.
  expect((await idp.scim('GET', `/Groups/${group}`)).body.members ?? []).toEqual([]);
});
