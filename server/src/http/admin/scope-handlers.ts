import { errors } from '@strapi/utils';
import type { Context } from 'koa';
import type { Container } from '../../container';
import type { StoredConnection } from '../../strapi/connection-store';
import { ScopeService } from './scope-service';
import { assignedQuery, assignmentInput, countInput, testInput } from './scope-validation';
import { parse } from './validation';

interface Access {
  /** The connection of the path, once it is known that this admin may change it. */
  changeable(ctx: Context): Promise<StoredConnection>;
  readable(ctx: Context): Promise<StoredConnection>;
  bodyOf(ctx: Context): unknown;
}

const PAGE_SIZE = 50;

const outbound = (connection: StoredConnection): StoredConnection => {
  if (connection.direction === 'inbound') throw new errors.ValidationError('A scope belongs to outbound connections.');
  return connection;
};

/** Handlers for scopes and assignments. */
export function scopeHandlers(container: () => Container, { changeable, readable, bodyOf }: Access) {
  const service = (): ScopeService => new ScopeService(container());
  const assign = async (ctx: Context, on: boolean): Promise<void> => {
    const stored = outbound(await changeable(ctx));
    const { userIds } = parse(assignmentInput, bodyOf(ctx));
    ctx.body = { data: { changed: await service().assign(stored, userIds, on) } };
  };
  return {
    async countScope(ctx: Context): Promise<void> {
      const stored = outbound(await changeable(ctx));
      ctx.body = { data: await service().count(stored, parse(countInput, bodyOf(ctx)).scope) };
    },

    async testScope(ctx: Context): Promise<void> {
      const stored = outbound(await changeable(ctx));
      const { userId, scope } = parse(testInput, bodyOf(ctx));
      ctx.body = { data: await service().test(stored, userId, scope) };
    },

    async listAssigned(ctx: Context): Promise<void> {
      const stored = outbound(await readable(ctx));
      const { cursor, pageSize } = parse(assignedQuery, ctx.query);
      ctx.body = { data: await service().assigned(stored, cursor ?? 0, pageSize ?? PAGE_SIZE) };
    },

    assignUsers: (ctx: Context): Promise<void> => assign(ctx, true),
    unassignUsers: (ctx: Context): Promise<void> => assign(ctx, false),
  };
}
