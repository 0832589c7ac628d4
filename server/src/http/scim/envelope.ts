import type { Context, Next } from 'koa';
import type { Core } from '@strapi/types';
import type { Container } from '../../container';
import { ScimError } from '../../scim/messages/error';
import { scimErrorFromStrapi } from '../../scim/messages/error-mapping';
import { SCIM_MEDIA_TYPE } from '../../scim/server/http';
import { admit } from './access/gate';
import { pluginBasePath, splitScimPath } from './base-path';
import { isReadable } from './media';
import { refusedUnread } from './unread-body';

const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH']);
/** What Strapi's parser answers where it cannot read a body. */
const UNREAD = new Set([400, 413, 415]);
const UNSUPPORTED = 'The content type is not supported. Send application/scim+json, in UTF-8.';

/** Requests that the SCIM server answered itself; what else fails was Strapi's answer. */
const ANSWERED = new WeakSet<Context>();

export const markAnswered = (ctx: Context): void => void ANSWERED.add(ctx);

/**
 * The outermost middleware: whatever Strapi itself answers under a SCIM path (unreadable JSON, too large, no such
 * route, a failure) leaves as a SCIM error (RFC 7644 section 3.12). It must never throw: nothing is around it.
 *
 * The token is checked here, so that nobody's body is read before.
 */
export function scimEnvelope(strapi: Core.Strapi, container: () => Container) {
  const base = pluginBasePath(strapi);
  return async (ctx: Context, next: Next): Promise<void> => {
    const path = splitScimPath(base, ctx.path);
    if (path === null) return next();
    try {
      if (!isPreflight(ctx)) await admit(ctx, path.key, container().authenticator);
      // Before Strapi's parser sees it: a multipart body that is no multipart makes it fail.
      if (BODY_METHODS.has(ctx.method) && !isReadable(ctx.get('content-type'))) throw await refusedUnread(strapi, container(), ctx, path.rest, new ScimError(415, UNSUPPORTED, undefined, { code: 'invalid-syntax' }));
    } catch (error) {
      if (!(error instanceof ScimError)) strapi.log.error(error);
      answer(ctx, error instanceof ScimError ? error : failed());
      // Strapi's own line for a request is written further in, where this one does not get.
      strapi.log.http(`${ctx.method} ${ctx.path} ${ctx.status}`);
      return;
    }
    try {
      await next();
    } catch (error) {
      strapi.log.error(error);
      answer(ctx, failed());
    }
    if (ctx.status < 400 || ANSWERED.has(ctx)) return;
    const error = scimErrorFromStrapi(ctx.status, ctx.body);
    answer(ctx, UNREAD.has(error.status) ? await refusedUnread(strapi, container(), ctx, path.rest, error) : error);
  };
}

export function answer(ctx: Context, error: ScimError): void {
  markAnswered(ctx);
  ctx.status = error.status;
  ctx.body = error.toBody();
  // After the body, which brings a type of its own.
  ctx.set({ 'Content-Type': SCIM_MEDIA_TYPE, ...error.headers });
}

const failed = (): ScimError => new ScimError(500, 'The server failed. Try again later.');

/** A browser asks without credentials whether it may ask; Strapi's CORS settings answer that. */
const isPreflight = (ctx: Context): boolean => ctx.method === 'OPTIONS' && ctx.get('access-control-request-method') !== '';
