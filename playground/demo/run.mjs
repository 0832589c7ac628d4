/**
 * `npm run demo`: installs and builds what is missing, starts Strapi with the plugin and a real SCIM application beside
 * it, replays a provider's day, changes people in Strapi, prints what happened and stays up.
 *
 *   npm run demo -- --once    ends by itself; exit code 0 only if every step did what it should
 *   npm run demo -- --empty   no replay: the two connections and nobody provisioned
 *   npm run demo -- --json    one line of JSON on stdout once ready, everything else on stderr
 *
 * PORT (1337), HOST (127.0.0.1) and DATABASE_CLIENT, DATABASE_URL, DATABASE_FILENAME as in any Strapi.
 * Until the packages are installed nothing but Node itself may be imported here.
 */
import { ADMIN, AdminApi } from './admin-api.mjs';
import { buildAll } from './build.mjs';
import { prepareConnections, removeEarlierPeople } from './connections.mjs';
import { install } from './install.mjs';
import { stopAll } from './processes.mjs';
import { DemoError, during, say, useStderr } from './progress.mjs';
import { replayEntra } from './provider-day-entra.mjs';
import { replayOkta } from './provider-day-okta.mjs';
import { Report } from './report.mjs';
import { ScimHttp } from './scim-http.mjs';
import { changeInStrapi } from './strapi-changes.mjs';
import { ownDatabaseChosen, startStrapi } from './strapi-process.mjs';
import { startTargetApp } from './target-process.mjs';

const KNOWN = ['--once', '--json', '--empty'];
const args = process.argv.slice(2);
const unknown = args.filter((arg) => !KNOWN.includes(arg));
const [once, json, empty] = KNOWN.map((flag) => args.includes(flag));
if (json) useStderr();

let ending = false;
/** @param {number} code */
const end = async (code) => {
  if (ending) return;
  ending = true;
  await stopAll();
  process.exit(code);
};
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    say('\nStopping Strapi and the application ...');
    void end(0);
  });
}

/** Run by npm: when npm was killed without a chance to pass the signal on, nothing may stay behind. */
const endWithNpm = () => {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void end(1);
  }, 300).unref();
};
if (process.env.npm_lifecycle_event) endWithNpm();

const main = async () => {
  if (unknown.length > 0) throw new DemoError(`Unknown option ${unknown.join(' ')}. There are ${KNOWN.join(', ')}.`);
  if (Number(process.versions.node.split('.')[0]) < 20) throw new DemoError(`Node ${process.version} is too old: Strapi needs 20 or newer.`);
  const port = Number(process.env.PORT || 1337);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new DemoError(`PORT is "${process.env.PORT}", not a port.`);

  await install();
  await buildAll();

  const target = await during('starting a SCIM application (scimmy)', () => startTargetApp());
  const strapi = await during(`starting Strapi on port ${port}`, () => startStrapi({ port }));
  for (const { child, name } of [
    { child: strapi.child, name: 'Strapi' },
    { child: target.child, name: 'The SCIM application' },
  ]) {
    child.once('exit', (code, signal) => {
      if (ending) return;
      say(`\n${name} ended unexpectedly (${code ?? signal}).${name === 'Strapi' ? ` Its log: ${strapi.logFile}` : ''}`);
      void end(1);
    });
  }

  const admin = new AdminApi(strapi.origin);
  await admin.signIn();
  const connections = await during('creating the two connections', () => prepareConnections(admin, target));

  const report = new Report();
  if (!empty) {
    if (ownDatabaseChosen()) {
      const scim = new ScimHttp(connections.inbound.baseUrl, connections.inbound.token);
      await during('removing the people of an earlier run', () => removeEarlierPeople(admin, scim));
    }
    say('- a day of the provider, then changes in Strapi');
    await replayOkta(report, admin, connections);
    await replayEntra(report, admin, connections);
    await changeInStrapi(report, admin, connections, target);
    report.print();
  }

  const panelUrl = `${strapi.origin}/admin`;
  say();
  say(`Panel:       ${panelUrl}`);
  say(`Sign in:     ${ADMIN.email}`);
  say(`Password:    ${process.env.DEMO_ADMIN_PASSWORD ? '(DEMO_ADMIN_PASSWORD)' : ADMIN.password}`);
  say(`SCIM URL:    ${connections.inbound.baseUrl}`);
  say(`Application: ${connections.outbound.baseUrl}`);

  if (json) {
    const line = {
      panelUrl,
      email: ADMIN.email,
      password: ADMIN.password,
      inbound: { baseUrl: connections.inbound.baseUrl, token: connections.inbound.token },
      outbound: { baseUrl: connections.outbound.baseUrl, token: target.token },
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  if (once) return end(report.failed === 0 ? 0 : 1);
  say('\nEverything keeps running. Ctrl+C ends it.');
};

main().catch(async (error) => {
  if (ending) return;
  say(`\n${error instanceof DemoError ? error.message : (error?.stack ?? error)}`);
  await end(1);
});
