import { errors } from '@strapi/utils';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Container } from '../../container';
import { GUARDED_KINDS } from '../../contracts/guard';
import { isPulled } from '../../domain/connection/connection';
import type { StoredConnection } from '../../strapi/connection-store';
import { parse } from './validation';

interface Access {
  /** The connection of the path, once it is known that this admin may change it. */
  changeable(ctx: Context): Promise<StoredConnection>;
  readable(ctx: Context): Promise<StoredConnection>;
  bodyOf(ctx: Context): unknown;
  nameOf(ctx: Context): string;
}

const count = z.int('Give a whole number.').min(0, 'At least 0.').max(10_000_000, 'At most 10,000,000.').optional();

const pullInput = z.strictObject({
  full: z.boolean('Choose true or false.').optional(),
  approve: z.strictObject(Object.fromEntries(GUARDED_KINDS.map((kind) => [kind, count])) as Record<(typeof GUARDED_KINDS)[number], typeof count>).optional(),
});

const pulled = (connection: StoredConnection): StoredConnection => {
  if (!isPulled(connection)) throw new errors.ValidationError('Only an inbound connection with the source “pull” reads an application.');
  return connection;
};

/** Handlers for pulls. */
export function pullHandlers(container: () => Container, { changeable, readable, bodyOf, nameOf }: Access) {
  return {
    /** Runs in the background; `pullState` tells how it goes. */
    async startPull(ctx: Context): Promise<void> {
      const connection = pulled(await changeable(ctx));
      const { full, approve } = parse(pullInput, bodyOf(ctx));
      if (!connection.enabled) throw new errors.ValidationError('The connection is switched off. Switch it on first.');
      if (connection.review !== null) throw new errors.ValidationError('This connection waits for a look: what is here may be older than what the source was told. Let it go on first (review).');
      const approved = Object.fromEntries(Object.entries(approve ?? {}).filter(([, value]) => value !== undefined));
      const state = container().pulls.start({ connection, actor: nameOf(ctx), full: full ?? false, approved });
      if (state === null) throw new errors.ApplicationError('A pull of this connection is under way already.');
      ctx.body = { data: state };
      ctx.status = 202;
    },

    async pullState(ctx: Context): Promise<void> {
      ctx.body = { data: container().pulls.state(pulled(await readable(ctx)).id) };
    },
  };
}
