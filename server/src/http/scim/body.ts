import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { ScimError } from '../../scim/messages/error';

/**
 * The request's JSON. Strapi's parser leaves `application/scim+json` unread, so that it is read here, up to our own
 * limit; plain JSON was read by Strapi. No body is `undefined`.
 */
export async function readBody(ctx: Context, limitBytes: number): Promise<unknown> {
  if (!['POST', 'PUT', 'PATCH'].includes(ctx.method)) return undefined;
  const parsed = (ctx.request as { body?: unknown }).body;
  if (parsed !== undefined) return parsed;
  if (!ctx.get('content-type')) {
    if (ctx.get('content-length') === '0' || (!ctx.get('content-length') && !ctx.get('transfer-encoding'))) return undefined;
    throw unsupported(ctx);
  }
  if (!['', 'identity'].includes(ctx.get('content-encoding'))) throw new ScimError(415, 'Compressed request bodies are not supported.', undefined, { code: 'invalid-syntax' });
  const text = await rawText(ctx, limitBytes);
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ScimError(400, 'The request body is not valid JSON.', 'invalidSyntax');
  }
}

async function rawText(ctx: Context, limit: number): Promise<string> {
  try {
    const bytes = await getRawBody(ctx.req, { limit, length: ctx.get('content-length') || null });
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : '';
    if (type === 'entity.too.large') throw new ScimError(413, `The request body is larger than ${limit} bytes.`);
    throw new ScimError(400, 'The request body did not arrive as announced, or is not UTF-8.', 'invalidSyntax');
  }
}

const unsupported = (ctx: Context): ScimError =>
  new ScimError(415, `The content type ${ctx.get('content-type') || '(none)'} is not supported. Send application/scim+json.`, undefined, { code: 'invalid-syntax' });
