import { errors } from '@strapi/utils';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Container } from '../../container';
import { GUARDED_KINDS, type GuardedKind } from '../../contracts/guard';
import { approveHold, dismissHold } from '../../engine/guard/decide-hold';
import type { StoredConnection } from '../../strapi/connection-store';
import { parse } from './validation';

interface Access {
  /** The connection of the path, once it is known that this admin may change it: of admin users, a super admin. */
  changeable(ctx: Context): Promise<StoredConnection>;
  readable(ctx: Context): Promise<StoredConnection>;
  nameOf(ctx: Context): string;
}

const PAGE_SIZE = 50;

const pageQuery = z.object({
  cursor: z.string().regex(/^\d{1,15}$/, 'This page link is not valid; start again.').transform(Number).optional(),
  pageSize: z.string().regex(/^\d{1,3}$/, 'Give a whole number.').transform(Number).refine((size) => size >= 1 && size <= 100, 'Between 1 and 100.').optional(),
});

const kindOf = (ctx: Context): GuardedKind => {
  const kind = GUARDED_KINDS.find((name) => name === (ctx.params as Record<string, string>).kind);
  if (kind === undefined) throw new errors.NotFoundError(`There is no such kind of hold; there are: ${GUARDED_KINDS.join(', ')}.`);
  return kind;
};

const nothingHeld = (): Error => new errors.NotFoundError('Nothing of this kind is held (any more).');

/** Handlers for what the guard holds of pushed traffic. */
export function holdHandlers(container: () => Container, { changeable, readable, nameOf }: Access) {
  return {
    async listHolds(ctx: Context): Promise<void> {
      const stored = await readable(ctx);
      ctx.body = { data: await container().holds.list(stored.id) };
    },

    async listHeldObjects(ctx: Context): Promise<void> {
      const stored = await readable(ctx);
      const kind = kindOf(ctx);
      const { cursor, pageSize } = parse(pageQuery, ctx.query);
      ctx.body = { data: await container().holds.objects(stored.id, kind, cursor ?? 0, pageSize ?? PAGE_SIZE) };
    },

    async approveHold(ctx: Context): Promise<void> {
      const stored = await changeable(ctx);
      const approved = await approveHold(stored, kindOf(ctx), nameOf(ctx), container().decideHold);
      if (approved === null) throw nothingHeld();
      ctx.body = { data: { approved } };
    },

    async dismissHold(ctx: Context): Promise<void> {
      const stored = await changeable(ctx);
      const kind = kindOf(ctx);
      if (!(await dismissHold(stored, kind, nameOf(ctx), container().decideHold))) throw nothingHeld();
      ctx.body = { data: { kind } };
    },
  };
}
