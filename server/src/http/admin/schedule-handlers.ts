import { errors } from '@strapi/utils';
import type { Context } from 'koa';
import type { Container } from '../../container';
import type { StoredConnection } from '../../strapi/connection-store';
import { ScheduleService } from './schedule-service';
import { scheduleInput } from './schedule-validation';
import { parse } from './validation';

interface Access {
  /** The connection of the path, once it is known that this admin may change it. */
  changeable(ctx: Context): Promise<StoredConnection>;
  readable(ctx: Context): Promise<StoredConnection>;
  bodyOf(ctx: Context): unknown;
  idOf(ctx: Context, name?: string): number;
}

/** A provider that pushes decides itself when it does. */
const scheduled = (connection: StoredConnection): StoredConnection => {
  if (connection.direction === 'inbound' && connection.targetUrl === '') throw new errors.ValidationError('This connection is pushed to by its provider: there is nothing to start. Set the schedule there.');
  return connection;
};

const orNotFound = <T>(value: T | null): T => {
  if (value === null) throw new errors.NotFoundError('This schedule does not exist (any more).');
  return value;
};

/** Handlers for the schedules of a connection. */
export function scheduleHandlers(container: () => Container, { changeable, readable, bodyOf, idOf }: Access) {
  const service = (): ScheduleService => new ScheduleService(container());
  const input = (ctx: Context) => parse(scheduleInput(container().now()), bodyOf(ctx));
  return {
    async listSchedules(ctx: Context): Promise<void> {
      ctx.body = { data: await service().list((await readable(ctx)).id) };
    },

    async createSchedule(ctx: Context): Promise<void> {
      const { id } = scheduled(await changeable(ctx));
      ctx.body = { data: await service().create(id, input(ctx)) };
      ctx.status = 201;
    },

    async updateSchedule(ctx: Context): Promise<void> {
      const { id } = scheduled(await changeable(ctx));
      ctx.body = { data: orNotFound(await service().update(id, idOf(ctx, 'scheduleId'), input(ctx))) };
    },

    async deleteSchedule(ctx: Context): Promise<void> {
      const { id } = await changeable(ctx);
      const scheduleId = idOf(ctx, 'scheduleId');
      orNotFound((await container().schedules.remove(id, scheduleId)) || null);
      ctx.body = { data: { id: scheduleId } };
    },

    async previewSchedule(ctx: Context): Promise<void> {
      ctx.body = { data: service().preview(input(ctx)) };
    },
  };
}
