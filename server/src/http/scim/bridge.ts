import type { Context } from 'koa';
import type { Core } from '@strapi/types';
import { ScimError } from '../../scim/messages/error';
import type { Container } from '../../container';
import { bulkSize } from './access/bulk-size';
import { accessOf, countOperations, unauthorized } from './access/gate';
import { answer, markAnswered } from './envelope';
import { pluginBasePath, publicOrigin, splitScimPath } from './base-path';
import { readBody } from './body';
import { refusedUnread } from './unread-body';

/** Koa -> framework-free SCIM server. */
export function scimBridge(strapi: Core.Strapi, container: () => Container) {
  return async (ctx: Context): Promise<void> => {
    try {
      await serve(strapi, container(), ctx);
    } catch (error) {
      if (error instanceof ScimError) return answer(ctx, error);
      strapi.log.error(error);
      answer(ctx, new ScimError(500, 'The server failed. Try again later.'));
    }
  };
}

async function serve(strapi: Core.Strapi, container: Container, ctx: Context): Promise<void> {
  const base = pluginBasePath(strapi);
  const path = splitScimPath(base, ctx.path);
  if (path === null) throw new ScimError(404, 'There is nothing at this address.');
  const access = accessOf(ctx);
  if (access === undefined) throw unauthorized('');
  const { connection, token } = access;
  if (!connection.enabled) throw new ScimError(503, 'This connection is switched off in Strapi.', undefined, { headers: { 'Retry-After': '300' } });
  if (await container.maintenance.refusesRequests()) {
    throw new ScimError(503, 'This site is in maintenance. Try again later.', undefined, { headers: { 'Retry-After': '120' } });
  }
  if (!container.isReady(connection.population)) {
    throw new ScimError(503, 'The accounts of this site are still being indexed.', undefined, { headers: { 'Retry-After': '10' } });
  }
  const body = await readBody(ctx, container.config.maxBodyBytes).catch(async (error: unknown) => {
    throw error instanceof ScimError ? await refusedUnread(strapi, container, ctx, path.rest, error) : error;
  });
  const operations = bulkSize(ctx.method, path.rest, body);
  if (operations > 1) countOperations(operations, access, container.authenticator);
  const origin = publicOrigin(strapi) || ctx.origin;
  const response = await container.scimServer.handle(
    { method: ctx.method, path: path.rest, query: queryOf(ctx), body, headers: headersOf(ctx) },
    {
      connection,
      actor: token.name,
      correlationId: container.uuid(),
      types: container.typesFor(connection),
      scopes: token.scopes,
      baseUrl: `${origin}${base}/${connection.key}/scim/v2`,
    }
  );
  markAnswered(ctx);
  ctx.status = response.status;
  ctx.set(response.headers);
  if (response.body === undefined || response.body === null) {
    ctx.body = null;
    ctx.status = response.status;
    return;
  }
  ctx.body = JSON.stringify(response.body);
}

/** Only what the protocol reads; the credentials stay here. */
const headersOf = (ctx: Context): Record<string, string | undefined> => ({
  'if-match': ctx.get('if-match') || undefined,
  'if-none-match': ctx.get('if-none-match') || undefined,
});

/** Read from the address itself: Strapi's query parser makes objects of brackets. */
function queryOf(ctx: Context): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  const sent = new URLSearchParams(ctx.querystring);
  for (const name of new Set(sent.keys())) {
    const values = sent.getAll(name);
    query[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return query;
}
