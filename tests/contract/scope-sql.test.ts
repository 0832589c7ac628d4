/**
 * Who is in scope is counted by SQL as the reference evaluator says of each user: generated scopes over users of both
 * populations, with and without providers, on every database. Ten times as many with TEST_FULL=1.
 */
import fc from 'fast-check';
import type { Population } from '../../server/src/contracts/connection';
import type { Scope } from '../../server/src/contracts/scope';
import type { Connection } from '../../server/src/domain/connection/connection';
import { DEFAULT_OUTBOUND } from '../../server/src/domain/connection/outbound';
import { checkScope } from '../../server/src/domain/scope/check';
import { scopeType } from '../../server/src/domain/scope/subject';
import { explain } from '../../server/src/domain/scope/explain';
import { TABLES } from '../../server/src/models';
import { ENTERPRISE_USER_URN, STRAPI_USER_URN } from '../../server/src/scim/schema/urns';
import { SqlAssignmentStore } from '../../server/src/strapi/assignment-store';
import { AdminUsers } from '../../server/src/strapi/accounts/admin-users';
import { EndUsers } from '../../server/src/strapi/accounts/end-users';
import { DeliveryStates } from '../../server/src/strapi/delivery-state';
import { ExtensionSchema } from '../../server/src/strapi/extension/schema';
import { IdentityStore } from '../../server/src/strapi/identity-store';
import { StrapiDirectory } from '../../server/src/strapi/local-directory';
import type { PopulationParts } from '../../server/src/strapi/population';
import { AccountIndex } from '../../server/src/strapi/search/account-index';
import { SqlScopeCount } from '../../server/src/strapi/search/scope-count';
import { scanScope } from '../../server/src/strapi/search/scope-scan';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { createConnection, createInbound } from '../helpers/connections';
import { scopeArbitraryOf, type ScopeWords } from '../helpers/scope-data';
import { userArbitrary, TEXTS } from '../helpers/search-data';
import { searchParts } from '../helpers/search-parts';
import { sizeOf } from '../helpers/size';

const RUNS = sizeOf('FILTERS', 250, 2500);
const SEED = Number(process.env.FILTER_SEED ?? 20_261_121);
const UID = 'plugin::users-permissions.user';

let booted: BootedStrapi;
let counter: SqlScopeCount;
let deps: ConstructorParameters<typeof SqlScopeCount>[2];
let words: Record<Population, ScopeWords>;
const connections = new Map<Population, number>();

async function populate(): Promise<{ groups: string[]; roles: number[] }> {
  const { strapi } = booted;
  const idps = [await createInbound(booted, { name: 'First' }), await createInbound(booted, { name: 'Second' })];
  const roles: number[] = [];
  for (const name of ['Editor', 'Author']) roles.push((await strapi.db.query('plugin::users-permissions.role').create({ data: { name, type: name.toLowerCase(), description: '' } })).id);
  const ids: string[] = [];
  for (const [index, user] of fc.sample(userArbitrary, { numRuns: 40, seed: SEED }).entries()) {
    const userName = `${TEXTS[index % TEXTS.length]?.slice(0, 40).trim()}-${index}`;
    if (index % 3 === 2) {
      await strapi.plugin('users-permissions').service('user').add({
        username: userName, email: `own-${index}@x.example`, provider: index % 2 ? 'auth0' : 'local', confirmed: index % 4 === 0, blocked: index % 5 === 0, role: roles[index % 2],
        favouriteColour: TEXTS[index]?.slice(0, 10) || 'red', mood: index % 2 ? 'fine' : 'grumpy', badge: index % 4 ? `Badge-${index}` : null, shoeSize: index % 5 ? 10 + (index % 3) : null, vegetarian: index % 2 ? true : null, birthday: '1990-01-01', ratio: 1.5,
      });
      continue;
    }
    const idp = idps[index % 2];
    const made = await idp?.scim('POST', '/Users', { ...user, userName });
    const again = made?.status === 409 ? await idp?.scim('POST', '/Users', { ...user, userName, emails: undefined }) : made;
    if (again?.status !== 201) throw new Error(JSON.stringify(again?.body));
    ids.push(again.body.id);
  }
  const groups: string[] = [];
  for (const [at, idp] of idps.entries()) {
    const own = ids.filter((_, index) => index % 2 === at);
    for (let level = 0; level < 3; level += 1) {
      const members = [...own.slice(level * 3, level * 3 + 4), ...(level > 0 ? groups.slice(-1) : [])].map((value) => ({ value }));
      const answer = await idp.scim('POST', '/Groups', { displayName: `Level ${level}`, members });
      groups.push(answer.body.id);
    }
  }
  // Deactivated there, and by this connection's policy still active here.
  const lax = await createInbound(booted, { name: 'Lax', policies: { onDeactivate: { action: 'nothing', graceDays: 0 } } });
  for (const userName of ['lax-1', 'lax-2']) {
    const { body } = await lax.scim('POST', '/Users', { userName });
    await lax.scim('PATCH', `/Users/${body.id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] });
  }
  const rows = await strapi.db.query(UID).findMany({ orderBy: { id: 'asc' } });
  await strapi.plugin('users-permissions').service('user').edit(rows[0].id, { email: 'changed@x.example', provider: 'auth0', role: roles[0] });
  await strapi.plugin('users-permissions').service('user').edit(rows[3].id, { blocked: true });
  await strapi.plugin('users-permissions').service('user').remove({ id: rows[4].id });
  await idps[0]?.scim('DELETE', `/Users/${ids.at(-1)}`);
  const created = await strapi.db.connection(TABLES.identities).select('id').orderBy('id');
  for (const [index, { id }] of created.entries()) await strapi.db.connection(TABLES.identities).where({ id }).update({ created_at: Date.UTC(2026, index % 5, 1) });
  return { groups, roles };
}

async function populateAdmins(): Promise<number[]> {
  const admins = await createInbound(booted, { name: 'Admins', population: 'admin-users' });
  const roles = (await booted.strapi.db.query('admin::role').findMany()) as { id: number }[];
  for (let index = 0; index < 12; index += 1) {
    if (index % 2) await admins.scim('POST', '/Users', { userName: `ad-${index}@x.example`, emails: [{ value: `ad-${index}@x.example` }], name: { givenName: TEXTS[index] }, title: TEXTS[index + 1], active: index % 4 === 1 });
    else await booted.strapi.service('admin::user').create({ firstname: 'Ann', lastname: TEXTS[index], email: `hand-${index}@x.example`, isActive: index % 4 === 0, roles: roles.slice(index % 3, 1 + (index % 3) + (index % 2)).map(({ id }) => id) });
  }
  return roles.map(({ id }) => id);
}

beforeAll(async () => {
  booted = await bootStrapi({ ownFields: true, config: { plugins: { 'user-provisioning': { config: { worker: false, sweepSchedule: '0 0 1 1 *', breakGlassAccounts: ['own-2@x.example'] } } } } });
  const breakGlass = new Set(['own-2@x.example']);
  const { groups, roles } = await populate();
  const adminRoles = await populateAdmins();
  const { strapi } = booted;
  const parts = searchParts(strapi, { ...scopeType((await import('../../server/src/scim/schema/resource-types')).RESOURCE_TYPES.User) });
  const { database, clock, links, counts } = parts;
  const partsOf = (accounts: EndUsers | AdminUsers): PopulationParts => {
    const schema = new ExtensionSchema(accounts.extension.fields);
    const index = new AccountIndex(accounts.population, schema.typesFor([]).User, parts.index, links, counts);
    const identities = new IdentityStore(database, clock, accounts.population, index.version);
    const directory = new StrapiDirectory(accounts, identities, parts.population.changes, undefined as never, database, undefined as never, undefined as never, index);
    return { accounts, identities, directory, index, changes: parts.population.changes, schema };
  };
  const populations: Record<Population, PopulationParts> = { 'end-users': partsOf(new EndUsers(strapi, database, breakGlass)), 'admin-users': partsOf(new AdminUsers(strapi, database, breakGlass)) };
  const assignments = new SqlAssignmentStore(database, clock);
  deps = {
    counts, links, groups: parts.groups, assignments, states: new DeliveryStates(database, clock),
    partsOf: (population) => populations[population], directoryOf: (population) => populations[population].directory, userType: (population) => populations[population].schema.typesFor([]).User,
  };
  counter = new SqlScopeCount(database, { timeLimitMs: 10_000 }, deps);
  for (const population of ['end-users', 'admin-users'] as const) {
    const { connection } = await createConnection(booted, { name: 'Target', direction: 'outbound', population, baseUrl: 'https://app.example/scim' });
    connections.set(population, connection.id);
    const page = await deps.states.identityPage(population, 0, 1_000);
    await assignments.assign(connection.id, page.filter((_, index) => index % 2 === 0).map(({ scimId }) => scimId));
  }
  const texts = [...TEXTS, 'work', 'local', 'auth0', '@x.example', 'own-', 'changed@x.example', 'Ann', 'fine', 'Badge-', 'Badge-5', 'badge-5', 'red'];
  const times = [0, 1, 2, 3].map((month) => new Date(Date.UTC(2026, month, 1)).toISOString());
  const site = Object.values(deps.userType('end-users').extensions.find(({ id }) => id === STRAPI_USER_URN)?.attributes ?? {});
  const own = site.flatMap(({ name, type, subAttributes }) => (subAttributes !== undefined ? [] : [[`${STRAPI_USER_URN}:${name}`, type === 'boolean' ? 'flag' : type === 'dateTime' ? 'time' : type === 'integer' || type === 'decimal' ? 'number' : 'text'] as const]));
  const shared = [
    ['userName', 'text'], ['emails', 'text'], ['emails.type', 'text'], ['active', 'flag'], ['title', 'text'], ['name.givenName', 'text'], [`${ENTERPRISE_USER_URN}:department`, 'text'],
    ['role', 'role'], ['group', 'group'], ['provider', 'text'], ['confirmed', 'flag'], ['created', 'time'],
  ] as const;
  words = {
    'end-users': { attributes: [...shared, ...own], texts, roles, groups, times },
    'admin-users': { attributes: shared, texts, roles: adminRoles, groups, times },
  };
});
afterAll(() => booted.stop());

const connectionFor = (population: Population, scope: Scope): Connection => ({
  id: connections.get(population) ?? 0, key: 'k', name: 'c', direction: 'outbound', population, system: 's', preset: 'generic', enabled: true, targetUrl: '', defaultRoleId: null, roleMappings: [],
  policies: undefined as never, mapping: null, outbound: { ...DEFAULT_OUTBOUND, scope },
});

it.each(['end-users', 'admin-users'] as const)('%s are counted as the reference says', async (population) => {
  const scopes = fc.sample(scopeArbitraryOf(words[population]), { numRuns: RUNS, seed: SEED });
  const type = scopeType(deps.userType(population));
  const all = (await deps.states.identityPage(population, 0, 1_000)).map(({ scimId }) => scimId);
  expect(all.length).toBeGreaterThan(10);
  let [compiled, selective] = [0, 0];
  for (const scope of scopes) {
    expect(checkScope(scope, deps.userType(population))).toEqual([]);
    const connection = connectionFor(population, scope);
    const subjects = await counter.subjects(connection, all);
    const expected = subjects.filter(({ resource, assigned }) => explain(scope, resource, type, assigned).holds).length;
    const counted = await counter.bySql(connection, all.length);
    if (counted !== null) expect({ scope, counted }).toEqual({ scope, counted: expected });
    else expect({ scope, ...(await scanScope(connection, deps)) }).toMatchObject({ scope, matching: expected, complete: true });
    compiled += Number(counted !== null);
    selective += Number(expected > 0 && expected < all.length);
  }
  expect(compiled).toBeGreaterThan(RUNS / 3);
  expect(selective).toBeGreaterThan(RUNS / 5);
});

it('a scan that reaches its limit says so', async () => {
  const scope: Scope = { assignment: 'everyone', match: 'all', clauses: [{ attribute: 'userName', operator: 'present' }] };
  expect(await scanScope(connectionFor('end-users', scope), deps, 7)).toEqual({ matching: 7, looked: 7, complete: false });
  const assigned = await scanScope(connectionFor('end-users', { ...scope, assignment: 'assigned' }), deps);
  expect(assigned).toMatchObject({ complete: true, matching: assigned.looked });
});
