import { errors } from '@strapi/utils';
import type { Context } from 'koa';
import type { Container } from '../../container';
import type { StoredConnection } from '../../strapi/connection-store';
import { FailedService } from './failed-service';
import { failedQuery, failedSelection } from './failed-validation';
import { parse } from './validation';

interface Access {
  /** The connection of the path, once it is known that this admin may change it. */
  changeable(ctx: Context): Promise<StoredConnection>;
  readable(ctx: Context): Promise<StoredConnection>;
  bodyOf(ctx: Context): unknown;
  actorOf(ctx: Context): string;
  tryNow(id: number): Promise<number | null>;
}

const PAGE_SIZE = 50;

const outbound = (connection: StoredConnection): StoredConnection => {
  if (connection.direction === 'inbound') throw new errors.ValidationError('Only outbound connections have changes to deliver.');
  return connection;
};

/** Handlers for changes that were set aside, and for applications in trouble. */
export function failedHandlers(container: () => Container, { changeable, readable, bodyOf, actorOf, tryNow }: Access) {
  const service = (): FailedService => new FailedService(container());
  const selected = (ctx: Context): number[] | null => {
    const selection = parse(failedSelection, bodyOf(ctx));
    return 'ids' in selection ? selection.ids : null;
  };
  return {
    async listFailed(ctx: Context): Promise<void> {
      const stored = outbound(await readable(ctx));
      const { cursor, pageSize } = parse(failedQuery, ctx.query);
      ctx.body = { data: await service().page(stored, cursor ?? 0, pageSize ?? PAGE_SIZE) };
    },

    async retrySelected(ctx: Context): Promise<void> {
      const stored = outbound(await changeable(ctx));
      ctx.body = { data: { queued: await service().retry(stored, selected(ctx)) } };
    },

    async dismissFailed(ctx: Context): Promise<void> {
      const stored = outbound(await changeable(ctx));
      ctx.body = { data: { dismissed: await service().dismiss(stored, selected(ctx), actorOf(ctx)) } };
    },

    async tryNow(ctx: Context): Promise<void> {
      const stored = outbound(await changeable(ctx));
      ctx.body = { data: { pending: (await tryNow(stored.id)) ?? 0 } };
    },
  };
}
