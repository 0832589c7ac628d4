import type { Context } from 'koa';
import { ScimError } from '../../../scim/messages/error';
import type { StoredConnection } from '../../../strapi/connection-store';
import type { StoredToken } from '../../../strapi/token-row';
import type { Authenticator, Caller } from './authenticator';

export interface Access {
  connection: StoredConnection;
  token: StoredToken;
}

/** One answer for everything that is wrong with the key or the token: a stranger learns nothing from it. */
const UNAUTHORIZED = 'The bearer token is missing, wrong, expired or not for this address.';

const ADMITTED = new WeakMap<Context, Access>();

/** What the gate found out about this request; undefined where it did not pass it. */
export const accessOf = (ctx: Context): Access | undefined => ADMITTED.get(ctx);

/** Lets a request with a token of this connection through; throws the SCIM answer otherwise (RFC 6750 section 3). */
export async function admit(ctx: Context, key: string, authenticator: Authenticator): Promise<void> {
  const secret = /^Bearer +([^\s]+)$/i.exec(ctx.get('authorization'))?.[1];
  if (secret === undefined) throw unauthorized('');
  const admission = await authenticator.admit(secret, key, callerOf(ctx), (token) => token.kind !== 'client');
  if (admission.outcome === 'refused') throw unauthorized(', error="invalid_token"');
  if (admission.outcome === 'limited') throw tooMany('Too many requests.', admission.retryAfterSeconds);
  ADMITTED.set(ctx, admission);
}

/** Each operation of a bulk request counts like a request of its own: refused as a whole before any of them is done. */
export function countOperations(count: number, { connection }: Access, authenticator: Authenticator): void {
  const wait = authenticator.countAs(count, connection);
  if (wait !== null) throw tooMany('Too many requests: each operation of a bulk request counts as one.', wait);
}

const tooMany = (detail: string, retryAfterSeconds: number): ScimError =>
  new ScimError(429, `${detail} Wait as long as Retry-After says.`, undefined, { headers: { 'Retry-After': String(retryAfterSeconds) } });

export const unauthorized = (reason: string): ScimError =>
  new ScimError(401, UNAUTHORIZED, undefined, { headers: { 'WWW-Authenticate': `Bearer realm="SCIM"${reason}` } });

export function callerOf(ctx: Context): Caller {
  const forwarded = ctx.get('x-forwarded-for') !== '' || ctx.get('forwarded') !== '';
  return { address: ctx.ip, ignoredForwarding: forwarded && !ctx.app.proxy };
}
