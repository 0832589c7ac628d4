/**
 * scimmy behind scimmy-routers and express 4, with the fastest store its handlers allow: Maps in memory, an index of
 * user names, and lists that make resources of one page only. It keeps nothing.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { scimUser } from '../people';
import { serve } from './child';
import { MARKER, nameOf, spread } from './clone-rows';
import { requirePeer } from './peers';

interface Stored {
  id: string;
  userName?: string;
  [attribute: string]: unknown;
}

/** What a handler is told: the id, or filter and page of a list. */
interface Asked {
  id?: string;
  filter?: Record<string, [string, unknown]>[];
  constraints?: { startIndex?: number; count?: number };
}

interface Scimmy {
  default?: Scimmy;
  Config: { set(config: Record<string, unknown>): void };
  Resources: {
    User: unknown;
    Group: unknown;
    declare(type: unknown): {
      extend(schema: unknown, required: boolean): unknown;
      ingress(handler: (resource: Asked, data: Stored) => Stored): unknown;
      egress(handler: (resource: Asked) => Stored | Stored[]): unknown;
      degress(handler: (resource: Asked) => void): unknown;
    };
  };
  Schemas: { EnterpriseUser: unknown };
  Types: { Error: new (status: number, type: string | null, message: string) => Error };
}

const withDefault = <T extends { default?: T }>(loaded: T): T => loaded.default ?? loaded;

void serve(async () => {
  const scimmy = withDefault(requirePeer('scimmy') as Scimmy);
  const routersModule = requirePeer('scimmy-routers');
  const Routers = routersModule.default ?? routersModule;
  const express = requirePeer('express');

  const users = new Map<string, Stored>();
  const idByName = new Map<string, string>();
  /** In order of age, for pages. */
  const order: Stored[] = [];
  const groups = new Map<string, Stored>();

  const keep = (user: Stored): void => {
    users.set(user.id, user);
    idByName.set(String(user.userName).toLowerCase(), user.id);
    order.push(user);
  };
  const missing = (id: string): Error => new scimmy.Types.Error(404, null, `There is nothing with the id ${id}.`);

  scimmy.Config.set({ patch: true, filter: { supported: true, maxResults: 200 }, bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 10_000_000 } });
  const userType = scimmy.Resources.declare(scimmy.Resources.User);
  userType.extend(scimmy.Schemas.EnterpriseUser, false);
  userType.ingress(({ id }, data) => {
    const taken = idByName.get(String(data.userName).toLowerCase());
    if (taken !== undefined && taken !== id) throw new scimmy.Types.Error(409, 'uniqueness', 'The userName is taken.');
    const plain = JSON.parse(JSON.stringify(data)) as Stored;
    if (id === undefined) {
      const user = { ...plain, id: randomUUID() };
      keep(user);
      return user;
    }
    const known = users.get(id);
    if (!known) throw missing(id);
    return Object.assign(known, plain, { id });
  });
  userType.egress(({ id, filter, constraints }) => {
    if (id !== undefined) {
      const user = users.get(id);
      if (!user) throw missing(id);
      return user;
    }
    const name = filter?.[0]?.userName;
    if (filter && name?.[0] === 'eq') {
      const user = users.get(idByName.get(String(name[1]).toLowerCase()) ?? '');
      return user ? [user] : [];
    }
    // The length is the total; slots that are not on the page stay empty, and scimmy passes over them.
    const page: Stored[] = new Array(order.length);
    const start = (constraints?.startIndex ?? 1) - 1;
    const end = Math.min(order.length, start + (constraints?.count ?? 20));
    for (let index = start; index < end; index += 1) page[index] = order[index] as Stored;
    return page;
  });
  userType.degress(({ id = '' }) => void users.delete(id));
  const groupType = scimmy.Resources.declare(scimmy.Resources.Group);
  groupType.ingress(({ id = randomUUID() }, data) => {
    const group = { ...(JSON.parse(JSON.stringify(data)) as Stored), id };
    groups.set(id, group);
    return group;
  });
  groupType.egress(({ id }) => {
    if (id === undefined) return [...groups.values()];
    const group = groups.get(id);
    if (!group) throw missing(id);
    return group;
  });
  groupType.degress(({ id = '' }) => void groups.delete(id));

  const token = 'bench';
  const app = express();
  app.use(
    '/scim',
    new Routers({
      type: 'bearer',
      handler: (request: { header(name: string): string | undefined }) => {
        if (request.header('authorization') !== `Bearer ${token}`) throw new Error('The token is wrong.');
        return 'bench';
      },
    })
  );
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };

  // What the server itself keeps of one user, repeated.
  const answer = await fetch(`${origin}/scim/Users`, { method: 'POST', headers, body: JSON.stringify(scimUser(MARKER)) });
  if (answer.status !== 201) throw new Error(`The first user was refused: ${answer.status} ${await answer.text()}`);
  const template = JSON.stringify(order[0]);
  const filled: Stored[] = [order[0] as Stored];
  return {
    target: { origin, root: '/scim', headers },
    async fill(total, sample) {
      while (filled.length < total) {
        const user = { ...(JSON.parse(template.replaceAll(MARKER, nameOf(filled.length))) as Stored), id: randomUUID() };
        keep(user);
        filled.push(user);
      }
      return spread(total, sample).map((n) => ({ id: String(filled[n]?.id), userName: String(filled[n]?.userName) }));
    },
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
});
