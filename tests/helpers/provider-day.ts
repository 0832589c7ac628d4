/**
 * A provider's requests as data: each step is one request as the provider sends it, what has to come back, and what has to
 * be true of Strapi afterwards. `<name>` in texts stands for an id that an earlier step saved under that name.
 */
import { bootStrapi, type BootedStrapi } from './strapi';
import { createInbound, type Inbound } from './connections';
import type { ConnectionInput } from '../../server/src/contracts/connection';

export const URN = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
} as const;

export interface AccountState {
  username?: string;
  email?: unknown;
  blocked?: boolean;
  /** Name of the role. */
  role?: string;
  password?: unknown;
}

export interface AdminState {
  firstname?: string | null;
  lastname?: string | null;
  username?: string | null;
  isActive?: boolean;
  /** Names of roles, sorted. */
  roles?: string[];
  password?: unknown;
}

export interface Step {
  what: string;
  /** `GET /Users?...`: as it stands in the request line, behind the SCIM base URL. */
  send: string;
  body?: unknown;
  headers?: Record<string, string>;
  status: number;
  /** What the answer has to contain (toMatchObject). */
  answer?: object;
  answerHeaders?: Record<string, unknown>;
  /** Attributes the answer must not have. */
  without?: string[];
  /** Keeps the answer's id under this name. */
  save?: string;
  /** Strapi's rows by username afterwards; null: there is none. */
  strapi?: Record<string, AccountState | null>;
  /** Strapi's admin users by e-mail afterwards. */
  admins?: Record<string, AdminState | null>;
  /** Members of groups afterwards, by saved names. */
  members?: Record<string, string[]>;
}

export interface ProviderDay {
  name: string;
  /** What this client sends with every request. */
  headers?: Record<string, string>;
  connection?: Partial<ConnectionInput>;
  steps: Step[];
}

export const patch = (...Operations: object[]) => ({ schemas: [URN.patch], Operations });
export const filtered = (filter: string): string => `filter=${encodeURIComponent(filter)}`;
export const EMPTY_LIST = { schemas: [URN.list], totalResults: 0 };

/**
 * Runs days of providers against one Strapi, each through a connection of its own, a test per step. `more`: what is no row
 * of requests. User names and addresses are one name space for all of them.
 */
export function describeProviders(providers: Record<string, ProviderDay[]>, more: (booted: () => BootedStrapi) => void = () => undefined): void {
  let booted: BootedStrapi;
  beforeAll(async () => {
    booted = await bootStrapi();
    for (const name of ['Editors', 'Authors']) {
      await booted.strapi.db.query('plugin::users-permissions.role').create({ data: { name, type: name.toLowerCase(), description: name } });
    }
  });
  afterAll(() => booted.stop());
  describe.each(Object.entries(providers))('%s', (_provider, days) => {
    describe.each(days)('$name', (day) => runDay(day, () => booted));
  });
  more(() => booted);
}

function runDay(day: ProviderDay, booted: () => BootedStrapi): void {
  const ids = new Map<string, string>();
  let inbound: Inbound;

  beforeAll(async () => {
    const isAdmins = day.connection?.population === 'admin-users';
    const roles = await booted().strapi.db.query(isAdmins ? 'admin::role' : 'plugin::users-permissions.role').findMany();
    const idOf = (name: string): number => Number(roles.find((role: { name: string }) => role.name === name)?.id);
    inbound = await createInbound(booted(), {
      name: day.name.slice(0, 100),
      roleMappings: [
        { groupName: 'CMS Editors', roleId: idOf(isAdmins ? 'Editor' : 'Editors'), priority: 10 },
        { groupName: 'CMS Authors', roleId: idOf(isAdmins ? 'Author' : 'Authors'), priority: 5 },
      ],
      ...day.connection,
    });
  });

  it.each(day.steps)('$what', async (step) => {
    const [method = '', path = ''] = splitOnce(filledIn(step.send, ids));
    const headers = { ...day.headers, ...step.headers };
    const answer = await inbound.scim(method, path, step.body === undefined ? undefined : filledIn(step.body, ids), headers);
    expect({ status: answer.status, detail: answer.body.detail }).toEqual({ status: step.status, detail: step.status < 400 ? undefined : expect.any(String) });
    checkForm(method, path, answer);
    if (step.answer !== undefined) expect(answer.body).toMatchObject(filledIn(step.answer, ids));
    if (step.answerHeaders !== undefined) expect(answer.headers).toMatchObject(filledIn(step.answerHeaders, ids));
    for (const name of step.without ?? []) expect(answer.body).not.toHaveProperty([name]);
    if (step.save !== undefined) ids.set(step.save, answer.body.id);
    for (const [username, state] of Object.entries(step.strapi ?? {})) expect({ [username]: await accountOf(booted(), username) }).toEqual({ [username]: state === null ? null : expect.objectContaining(state) });
    for (const [email, state] of Object.entries(step.admins ?? {})) expect({ [email]: await adminOf(booted(), email) }).toEqual({ [email]: state === null ? null : expect.objectContaining(state) });
    for (const [group, members] of Object.entries(step.members ?? {})) {
      const read = await inbound.scim('GET', `/Groups/${ids.get(group)}`);
      const values = ((read.body.members ?? []) as { value: string }[]).map(({ value }) => value);
      expect({ [group]: values.sort() }).toEqual({ [group]: members.map((name) => ids.get(name)).sort() });
    }
  });
}

/** What holds for every answer, whoever asked: RFC 7644 section 3.12 and 3.1, and what clients stumble over. */
function checkForm(method: string, path: string, { status, headers, body }: Awaited<ReturnType<Inbound['scim']>>): void {
  const text = JSON.stringify(body);
  expect(text).not.toMatch(/"password":|\.invalid"/);
  if (status === 204) return expect(body).toEqual({});
  expect(headers['content-type']).toMatch(/^application\/scim\+json/);
  expect(Array.isArray(body.schemas)).toBe(true);
  if (status >= 400) return expect(body).toMatchObject({ schemas: [URN.error], status: String(status), detail: expect.stringMatching(/./) });
  if (body.schemas?.includes(URN.list)) {
    for (const name of ['totalResults', 'startIndex', 'itemsPerPage']) if (body[name] !== undefined) expect(Number.isInteger(body[name])).toBe(true);
    return expect(body.totalResults === 0 || Array.isArray(body.Resources)).toBe(true);
  }
  if (!/^\/(Users|Groups)/.test(path) || path.includes('attributes=')) return;
  const { meta } = body as { meta?: { location?: string; resourceType?: string } };
  expect(meta?.location).toMatch(new RegExp(`/scim/v2/(Users|Groups)/${body.id}$`));
  if (method === 'POST') expect({ status, location: headers.location }).toEqual({ status: 201, location: meta?.location });
}

async function accountOf(booted: BootedStrapi, username: string): Promise<AccountState | null> {
  const row = await booted.strapi.db.query('plugin::users-permissions.user').findOne({ where: { username }, populate: ['role'] });
  if (row === null) return null;
  return { username: row.username, email: row.email, blocked: row.blocked === true, role: row.role?.name, password: row.password };
}

async function adminOf(booted: BootedStrapi, email: string): Promise<AdminState | null> {
  const row = await booted.strapi.db.query('admin::user').findOne({ where: { email }, populate: ['roles'] });
  if (row === null) return null;
  const { firstname, lastname, username, isActive, password } = row as AdminState;
  return { firstname, lastname, username, isActive: isActive === true, password, roles: (row.roles as { name: string }[]).map(({ name }) => name).sort() };
}

const splitOnce = (line: string): [string, string] => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];

function filledIn<T>(value: T, ids: ReadonlyMap<string, string>): T {
  if (typeof value === 'string') return value.replace(/<(\w+)>/g, (whole, name: string) => ids.get(name) ?? whole) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => filledIn(item, ids)) as T;
  // Matchers of jest are objects with a class and stay what they are.
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [filledIn(name, ids), filledIn(member as unknown, ids)])) as T;
}
