import { errors } from '@strapi/utils';
import type { Context } from 'koa';
import type { Core } from '@strapi/types';
import { POPULATIONS, type Population } from '../../contracts/connection';
import { OPERATION_KINDS, OUTCOMES } from '../../contracts/operation';
import { ProvisioningError } from '../../domain/errors';
import type { Container } from '../../container';
import type { StoredConnection } from '../../strapi/connection-store';
import { ApprovalService } from './approval-service';
import { attributesOf } from './attributes';
import { ConnectionService } from './connection-service';
import { holdHandlers } from './hold-handlers';
import { failedHandlers } from './failed-handlers';
import { MappingService } from './mapping-service';
import { mappingImpact, mappingPreview, mappingUpdate } from './mapping-validation';
import { pullHandlers } from './pull-handlers';
import { maintenanceHandlers } from './maintenance-handlers';
import { scheduleHandlers } from './schedule-handlers';
import { orConflict, runHandlers } from './run-handlers';
import { transitionHandlers } from './transition-handlers';
import { scopeHandlers } from './scope-handlers';
import { statusOf } from './status';
import { TokenService } from './token-service';
import { rotateInput, tokenInput } from './token-validation';
import { connectionInput, connectionUpdate, linkApproval, logCheckQuery, operationQuery, parse } from './validation';

const SUPER_ADMIN_CODE = 'strapi-super-admin';

/** Handlers of the admin API, by name of the route. They validate, ask a service and shape the answer. */
export function createAdminHandlers(strapi: Core.Strapi, container: () => Container) {
  const service = (): ConnectionService => new ConnectionService(strapi, container());
  const tokens = (): TokenService => new TokenService(container(), service());
  const approvals = (): ApprovalService => new ApprovalService(container());
  const mappings = (): MappingService => new MappingService(container());
  const query = operationQuery(OPERATION_KINDS, OUTCOMES);

  const userOf = (ctx: Context) => (ctx.state as { user?: { email?: string; roles?: { code: string }[] } }).user;
  const isSuperAdmin = (ctx: Context): boolean => userOf(ctx)?.roles?.some((role) => role.code === SUPER_ADMIN_CODE) ?? false;

  /** Whoever provisions admin users can make admins: that is a super admin's to decide. */
  const mayTouch = (ctx: Context, population: Population): void => {
    if (population === 'admin-users' && !isSuperAdmin(ctx)) {
      // Of a ForbiddenError Strapi drops the sentence.
      throw new errors.PolicyError('Connections to admin users can be changed by super admins only.');
    }
  };

  const idOf = (ctx: Context, name = 'id'): number => {
    const id = Number((ctx.params as Record<string, string>)[name]);
    if (!Number.isSafeInteger(id) || id < 1) throw new errors.NotFoundError('There is no such entry.');
    return id;
  };

  const orNotFound = <T>(value: T | null): T => {
    if (value === null) throw new errors.NotFoundError('This connection does not exist (any more).');
    return value;
  };

  const inboundOnly = (stored: StoredConnection | null): StoredConnection => {
    if (stored?.direction !== 'inbound') throw new errors.NotFoundError('There is no such inbound connection.');
    return stored;
  };

  /** The connection, once it is known that this admin may change it. */
  const changeable = async (ctx: Context): Promise<StoredConnection> => {
    const stored = orNotFound(await service().stored(idOf(ctx)));
    mayTouch(ctx, stored.population);
    return stored;
  };

  const readable = async (ctx: Context): Promise<StoredConnection> => orNotFound(await service().stored(idOf(ctx)));

  const populationOf = (ctx: Context): Population => {
    const population = POPULATIONS.find((name) => name === ctx.query.population);
    if (!population) throw new errors.ValidationError(`population: one of ${POPULATIONS.join(', ')}.`);
    return population;
  };

  const bodyOf = (ctx: Context): unknown => (ctx.request as { body?: unknown }).body;

  return {
    ...scopeHandlers(container, { changeable, readable, bodyOf }),
    ...scheduleHandlers(container, { changeable, readable, bodyOf, idOf }),
    ...maintenanceHandlers(container, { changeable, isSuperAdmin, bodyOf }),
    ...runHandlers(container, { changeable, mayTouch, idOf, nameOf: (ctx) => userOf(ctx)?.email ?? 'Admin', bodyOf }),
    ...transitionHandlers(container, { changeable, readable, mayTouch, idOf, nameOf: (ctx) => userOf(ctx)?.email ?? 'Admin', bodyOf }),
    ...holdHandlers(container, { changeable, readable, nameOf: (ctx) => userOf(ctx)?.email ?? 'Admin' }),

    ...failedHandlers(container, {
      changeable,
      readable,
      bodyOf,
      actorOf: (ctx) => userOf(ctx)?.email ?? 'Admin',
      tryNow: (id) => service().tryNow(id),
    }),

    ...pullHandlers(container, { changeable, readable: async (ctx) => orNotFound(await service().stored(idOf(ctx))), bodyOf, nameOf: (ctx) => userOf(ctx)?.email ?? 'Admin' }),

    async status(ctx: Context): Promise<void> {
      ctx.body = { data: await statusOf(strapi, container()) };
    },

    async listConnections(ctx: Context): Promise<void> {
      ctx.body = { data: await service().list() };
    },

    async createConnection(ctx: Context): Promise<void> {
      const input = parse(connectionInput, bodyOf(ctx));
      mayTouch(ctx, input.population);
      ctx.body = { data: await service().create(input) };
      ctx.status = 201;
    },

    async getConnection(ctx: Context): Promise<void> {
      ctx.body = { data: orNotFound(await service().get(idOf(ctx))) };
    },

    async updateConnection(ctx: Context): Promise<void> {
      const { id } = await changeable(ctx);
      ctx.body = { data: orNotFound(await service().update(id, parse(connectionUpdate, bodyOf(ctx)))) };
    },

    async deleteConnection(ctx: Context): Promise<void> {
      const { id } = await changeable(ctx);
      await service().remove(id);
      ctx.body = { data: { id } };
    },

    async testConnection(ctx: Context): Promise<void> {
      ctx.body = { data: orNotFound(await service().test((await changeable(ctx)).id)) };
    },

    async createToken(ctx: Context): Promise<void> {
      const stored = await changeable(ctx);
      ctx.body = { data: await tokens().create(stored, parse(tokenInput, bodyOf(ctx))) };
      ctx.status = 201;
    },

    async rotateToken(ctx: Context): Promise<void> {
      const stored = await changeable(ctx);
      ctx.body = { data: orNotFound(await tokens().rotate(stored, parse(rotateInput, bodyOf(ctx)))) };
    },

    async revokeToken(ctx: Context): Promise<void> {
      const stored = await changeable(ctx);
      ctx.body = { data: orNotFound(await tokens().revoke(stored, idOf(ctx, 'tokenId'))) };
    },

    async listApprovals(ctx: Context): Promise<void> {
      const stored = inboundOnly(await service().stored(idOf(ctx)));
      ctx.body = { data: { ...(await approvals().waiting(stored)), mayApprove: isSuperAdmin(ctx) } };
    },

    /** Whose account a provider manages is a super admin's to decide, in either population. */
    async approveLink(ctx: Context): Promise<void> {
      if (!isSuperAdmin(ctx)) throw new errors.PolicyError('Only a super admin can let a connection take over an account.');
      const stored = inboundOnly(await service().stored(idOf(ctx)));
      try {
        const linked = await approvals().approve(stored, parse(linkApproval, bodyOf(ctx)), userOf(ctx)?.email ?? 'Admin');
        if (linked === null) throw new errors.NotFoundError('There is no such account (any more).');
        ctx.body = { data: linked };
        ctx.status = 201;
      } catch (error) {
        if (error instanceof ProvisioningError && error.code !== 'internal') throw new errors.ApplicationError(error.message);
        throw error;
      }
    },

    async provisionAll(ctx: Context): Promise<void> {
      const { id } = await changeable(ctx);
      await orConflict(ctx, async () => {
        ctx.body = { data: orNotFound(await service().provisionAll(id, userOf(ctx)?.email ?? 'Admin')) };
      });
    },

    async retryFailed(ctx: Context): Promise<void> {
      ctx.body = { data: { queued: await service().retryFailed((await changeable(ctx)).id) } };
    },

    async getMapping(ctx: Context): Promise<void> {
      ctx.body = { data: await mappings().get(orNotFound(await service().stored(idOf(ctx)))) };
    },

    async publishMapping(ctx: Context): Promise<void> {
      const stored = await changeable(ctx);
      ctx.body = { data: await mappings().publish(stored, parse(mappingUpdate, bodyOf(ctx)), userOf(ctx)?.email ?? 'Admin') };
    },

    async previewMapping(ctx: Context): Promise<void> {
      const found = await mappings().preview(await changeable(ctx), parse(mappingPreview, bodyOf(ctx)));
      if (found === null) throw new errors.NotFoundError('There is no such user in this population.');
      ctx.body = { data: found };
    },

    async measureMapping(ctx: Context): Promise<void> {
      ctx.body = { data: await mappings().impact(await changeable(ctx), parse(mappingImpact, bodyOf(ctx))) };
    },

    async listRoles(ctx: Context): Promise<void> {
      ctx.body = { data: await service().roles(populationOf(ctx)) };
    },

    async listAttributes(ctx: Context): Promise<void> {
      ctx.body = { data: attributesOf(strapi, populationOf(ctx), []) };
    },

    async connectionAttributes(ctx: Context): Promise<void> {
      const { population, policies } = orNotFound(await service().stored(idOf(ctx)));
      ctx.body = { data: attributesOf(strapi, population, policies.writableAttributes) };
    },

    async listOperations(ctx: Context): Promise<void> {
      await container().reads.flush();
      ctx.body = { data: await container().operations.page(parse(query, ctx.query)) };
    },

    async checkLog(ctx: Context): Promise<void> {
      ctx.body = { data: await container().logSeals.check(parse(logCheckQuery, ctx.query).after ?? 0) };
    },

    async getOperation(ctx: Context): Promise<void> {
      const detail = await container().operations.detail(idOf(ctx));
      if (!detail) throw new errors.NotFoundError('This entry of the log does not exist (any more).');
      ctx.body = { data: detail };
    },
  };
}

export type AdminHandlers = ReturnType<typeof createAdminHandlers>;
