import { errors } from '@strapi/utils';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Container } from '../../container';
import type { StoredConnection } from '../../strapi/connection-store';
import { parse } from './validation';

interface Access {
  changeable(ctx: Context): Promise<StoredConnection>;
  isSuperAdmin(ctx: Context): boolean;
  bodyOf(ctx: Context): unknown;
}

const flag = z.boolean('Choose true or false.');
const maintenanceInput = z.strictObject({ paused: flag, reason: z.string().trim().max(255, 'At most 255 characters.').optional() });
const reviewInput = z.strictObject({ required: flag });

/** Handlers of the site-wide pause, and of connections that wait for a person's look. */
export function maintenanceHandlers(container: () => Container, { changeable, isSuperAdmin, bodyOf }: Access) {
  return {
    async setMaintenance(ctx: Context): Promise<void> {
      // Of a ForbiddenError Strapi drops the sentence.
      if (!isSuperAdmin(ctx)) throw new errors.PolicyError('Only a super admin can pause provisioning for the whole site.');
      const { paused, reason } = parse(maintenanceInput, bodyOf(ctx));
      ctx.body = { data: await container().setMaintenance(paused, reason ?? '') };
    },

    /** Whoever restored a backup asks for it before anything is sent; whoever looked lets the connection go on. */
    async setReview(ctx: Context): Promise<void> {
      const { id } = await changeable(ctx);
      const { required } = parse(reviewInput, bodyOf(ctx));
      const { reviews, worker } = container();
      if (required) await reviews.request([id], 'requested');
      else {
        await reviews.clear(id);
        worker.wake();
      }
      ctx.body = { data: { id, review: required ? 'requested' : null } };
    },
  };
}
