import { errors } from '@strapi/utils';
import type { Context } from 'koa';
import type { Core } from '@strapi/types';
import { isPlaceholderEmail } from '../../domain/resource/emails';

const AUTH = 'plugin::users-permissions.auth';
const USER = 'plugin::users-permissions.user';

interface AuthController {
  forgotPassword(ctx: Context): Promise<unknown>;
  resetPassword(ctx: Context): Promise<unknown>;
}

interface UserRow {
  id: number;
  provider: string | null;
}

/**
 * A new password signs the person in at once, whatever the account's provider: users-permissions does not look at it.
 * People whom a connection lets in by single sign-on only would get past it. They are answered as strangers are, and no
 * message is sent; nor is one to a placeholder address. A connection allows it by the provider `local`.
 */
export function guardPasswordReset(strapi: Core.Strapi, isProvisioned: (accountId: number) => Promise<boolean>): void {
  const controllers = strapi.get('controllers') as {
    get(uid: string): AuthController | undefined;
    extend(uid: string, wrap: (controller: AuthController) => AuthController): void;
  };
  if (controllers.get(AUTH) === undefined) return;
  const refused = async (where: Record<string, string>): Promise<boolean> => {
    const user = (await strapi.db.query(USER).findOne({ where, select: ['id', 'provider'] })) as UserRow | null;
    return user !== null && (user.provider ?? 'local') !== 'local' && (await isProvisioned(user.id));
  };
  const field = (ctx: Context, name: string): string | null => {
    const body: unknown = (ctx.request as { body?: unknown }).body;
    const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : null;
  };
  controllers.extend(AUTH, (controller) => ({
    ...controller,
    async forgotPassword(ctx) {
      const email = field(ctx, 'email')?.toLowerCase();
      if (email && (isPlaceholderEmail(email) || (await refused({ email })))) {
        ctx.body = { ok: true };
        return undefined;
      }
      return controller.forgotPassword(ctx);
    },
    async resetPassword(ctx) {
      const code = field(ctx, 'code');
      if (code && (await refused({ resetPasswordToken: code }))) throw new errors.ValidationError('Incorrect code provided');
      return controller.resetPassword(ctx);
    },
  }));
}
