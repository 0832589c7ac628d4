/** The check of the provisioning log as an admin calls it, with the site's own sealer at work. */
import type { LogCheck } from '../../server/src/contracts/log-seal';
import { TABLES } from '../../server/src/models';
import { adminApi, createInbound, type Inbound } from '../helpers/connections';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { eventually } from '../helpers/wait';

let booted: BootedStrapi;
let idp: Inbound;

beforeAll(async () => {
  booted = await bootStrapi();
  idp = await createInbound(booted);
});
afterAll(() => booted.stop());

const operations = () => booted.strapi.db.connection(TABLES.operations);
const check = (query = '') => adminApi<LogCheck>(booted, 'get', `/operations/check${query}`);

it('what was written is sealed by itself, and what is changed behind its back is named', async () => {
  for (const userName of ['ada@x.example', 'bob@x.example']) expect((await idp.scim('POST', '/Users', { userName })).status).toBe(201);
  await eventually(() => operations().whereNull('seal').pluck('id'), (waiting) => waiting.length === 0);
  const { data } = await check();
  expect(data).toMatchObject({ faults: [], next: null, overdue: 0, cutOff: null, unknownKeys: [] });
  expect(data.checked).toBeGreaterThanOrEqual(2);
  expect((await check(`?after=${data.last?.seq}`)).data).toMatchObject({ checked: 0, faults: [] });
  const row = await operations().where({ object_name: 'ada@x.example' }).first();
  await operations().where({ id: row.id }).update({ outcome: 'failed' });
  expect((await check()).data.faults).toMatchObject([{ recordId: row.id, message: `Record ${row.id} was changed after it was sealed.` }]);
});

it('a place that is none is refused with the field', async () => {
  expect(await check('?after=x')).toMatchObject({ status: 400, error: { details: { errors: [{ path: ['after'] }] } } });
});
