import type { Context, Next } from 'koa';
import type { Core } from '@strapi/types';
import { ScimError } from '../../scim/messages/error';
import { scimErrorFromStrapi } from '../../scim/messages/error-mapping';
import { pluginBasePath, splitScimPath } from './base-path';

export const SCIM_MEDIA_TYPE = 'application/scim+json; charset=utf-8';

const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH']);
const UNSUPPORTED = 'The content type is not supported. Send application/scim+json.';

/** Requests that the SCIM server answered itself; what else fails was Strapi's answer. */
const ANSWERED = new WeakSet<Context>();

export const markAnswered = (ctx: Context): void => void ANSWERED.add(ctx);

/**
 * The outermost middleware: whatever Strapi itself answers under a SCIM path (unreadable JSON, too large, no such
 * route, a failure) leaves as a SCIM error (RFC 7644 section 3.12). It must never throw: nothing is around it.
 */
export function scimEnvelope(strapi: Core.Strapi) {
  const base = pluginBasePath(strapi);
  return async (ctx: Context, next: Next): Promise<void> => {
    if (splitScimPath(base, ctx.path) === null) return next();
    // Before Strapi's parser sees it: a multipart body that is no multipart makes it fail.
    if (BODY_METHODS.has(ctx.method) && ctx.get('content-type') !== '' && ctx.is('application/scim+json', 'application/json') === false) {
      return answer(ctx, new ScimError(415, UNSUPPORTED));
    }
    try {
      await next();
    } catch (error) {
      strapi.log.error(error);
      answer(ctx, new ScimError(500, 'The server failed. Try again later.'));
    }
    if (ctx.status >= 400 && !ANSWERED.has(ctx)) answer(ctx, scimErrorFromStrapi(ctx.status, ctx.body));
    if (ctx.status === 401) ctx.set('WWW-Authenticate', 'Bearer realm="SCIM"');
  };
}

export function answer(ctx: Context, error: ScimError): void {
  markAnswered(ctx);
  ctx.status = error.status;
  ctx.set({ ...error.headers });
  ctx.body = error.toBody();
  ctx.type = SCIM_MEDIA_TYPE;
}
