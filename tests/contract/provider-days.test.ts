/**
 * The documented requests of providers, replayed over HTTP against a real Strapi with the state checked after each step:
 * the same days that `npm run demo` shows. No provider can be had here; the requests are built from their documentation.
 */
import { AdminApi } from '../../playground/demo/admin-api.mjs';
import { prepareConnections } from '../../playground/demo/connections.mjs';
import { replayEntra } from '../../playground/demo/provider-day-entra.mjs';
import { replayOkta } from '../../playground/demo/provider-day-okta.mjs';
import { Report } from '../../playground/demo/report.mjs';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { startTargetApp, type TargetApp } from '../helpers/target-app';

let booted: BootedStrapi;
let target: TargetApp;
let admin: AdminApi;
let connections: Awaited<ReturnType<typeof prepareConnections>>;

beforeAll(async () => {
  booted = await bootStrapi({ listen: true });
  target = await startTargetApp();
  admin = new AdminApi(booted.origin);
  admin.token = await booted.adminToken();
  connections = await prepareConnections(admin, target);
});
afterAll(async () => {
  await booted.stop();
  await target.stop();
});

it.each([
  ['Okta', replayOkta],
  ['Entra ID', replayEntra],
])('%s has an uneventful day', async (_who, replay) => {
  const report = new Report();
  await replay(report, admin, connections);
  expect(report.rows.filter((row) => !row.ok)).toEqual([]);
  expect(report.rows.length).toBeGreaterThan(10);
});
