import type { Context } from 'koa';
import type { Core } from '@strapi/types';
import type { Container } from '../../container';
import { ScimError } from '../../scim/messages/error';
import { accessOf } from './access/gate';

/**
 * A request whose body nobody could read never reaches the SCIM server, which logs what it refuses: its row is written
 * here, without anything of the body. Answers what the client is told; a write that cannot be logged has failed. Of
 * requests without a valid token nothing is written.
 */
export async function refusedUnread(strapi: Core.Strapi, { refusals, uuid }: Container, ctx: Context, path: string, error: ScimError): Promise<ScimError> {
  const access = accessOf(ctx);
  if (access === undefined) return error;
  const { connection, token } = access;
  try {
    await refusals.record(error, { method: ctx.method, path, body: undefined }, { connection, actor: token.name, correlationId: uuid() }, error);
    return error;
  } catch (failure) {
    strapi.log.error(failure);
    return new ScimError(500, 'The server failed. Try again later.');
  }
}
