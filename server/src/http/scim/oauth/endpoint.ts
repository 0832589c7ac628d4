import type { Context } from 'koa';
import type { Core } from '@strapi/types';
import type { Container } from '../../../container';
import { narrowScopes } from '../../../domain/access/scopes';
import { callerOf } from '../access/gate';
import { invalidClient, OAuthError, parseTokenRequest } from './request';

const LIFETIME_SECONDS = 3_600;

/** Answers of the endpoint hold secrets, and are for one client alone (RFC 6749 section 5.1). */
const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

/** Client credentials -> access token of an hour (RFC 6749 section 4.4). */
export function oauthTokenEndpoint(strapi: Core.Strapi, container: () => Container) {
  return async (ctx: Context): Promise<void> => {
    ctx.set(NO_STORE);
    try {
      ctx.body = await issue(container(), ctx);
      ctx.status = 200;
    } catch (error) {
      if (!(error instanceof OAuthError)) strapi.log.error(error);
      const answer = error instanceof OAuthError ? error : new OAuthError(500, 'server_error', 'The server failed. Try again later.');
      ctx.status = answer.status;
      ctx.set({ ...answer.headers });
      ctx.body = { error: answer.code, error_description: answer.message };
    }
  };
}

async function issue({ authenticator, tokens }: Container, ctx: Context): Promise<Record<string, unknown>> {
  if (ctx.method !== 'POST') throw new OAuthError(405, 'invalid_request', 'Access tokens are asked for by POST.', { Allow: 'POST' });
  const isForm = Boolean(ctx.is('application/x-www-form-urlencoded'));
  const request = parseTokenRequest(isForm ? (ctx.request as { body?: unknown }).body : null, ctx.get('authorization'));
  const { key = '' } = ctx.params as { key?: string };
  const { clientId, secret } = request.credentials;
  const admission = await authenticator.admit(secret, key, callerOf(ctx), (token) => token.kind === 'client' && token.clientId === clientId);
  if (admission.outcome === 'refused') throw invalidClient();
  if (admission.outcome === 'limited') {
    // RFC 6749 has no code for it; RFC 6585 section 4 has the status.
    throw new OAuthError(429, 'temporarily_unavailable', 'Too many requests. Wait as long as Retry-After says.', {
      'Retry-After': String(admission.retryAfterSeconds),
    });
  }
  const scopes = narrowScopes(admission.token.scopes, request.scopes);
  if (scopes === null) throw new OAuthError(400, 'invalid_scope', 'The client may not have this scope. There are: read-only, users, groups.');
  return {
    access_token: await tokens.issueAccess(admission.token, scopes, LIFETIME_SECONDS * 1_000),
    token_type: 'Bearer',
    expires_in: LIFETIME_SECONDS,
    // Section 3.3: told where it may differ from what was asked for. Without one the token may do everything.
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
  };
}
