/**
 * Runs inside the Strapi that tests kill (TEST_STRAPI_HOOK of strapi-child.cjs): ends the process at a named point, and
 * executes commands of the test. Wraps the plugin's classes from outside; the plugin knows nothing of it.
 */
import { text } from 'node:stream/consumers';
import type { Core } from '@strapi/types';
import { Delivery } from '../../server/src/engine/push/delivery';
import { UndiciClient } from '../../server/src/http/outgoing/undici-client';
import { Sweeper } from '../../server/src/jobs/sweeper';
import { SqlLinkStore } from '../../server/src/strapi/link-store';
import { SqlOperationLog } from '../../server/src/strapi/operation-log';
import { SqlOutbox } from '../../server/src/strapi/outbox';
import { ARMED, COMMAND_PATH, CRASH_POINTS, type Command, type CrashPoint } from './commands';

let armed: CrashPoint | null = CRASH_POINTS.find((point) => point === process.env[ARMED]) ?? null;
let swept: Promise<void> = Promise.resolve();

const reach = (point: CrashPoint): void => {
  if (point === armed) process.kill(process.pid, 'SIGKILL');
};

type Method = (...args: unknown[]) => Promise<unknown>;

interface Points {
  before?: CrashPoint;
  after?: CrashPoint;
  /** Where only some calls count. */
  when?: (args: unknown[]) => boolean;
}

function surround(owner: object, name: string, { before, after, when = () => true }: Points): void {
  const methods = owner as Record<string, Method>;
  const method = methods[name];
  if (method === undefined) throw new Error(`There is no method ${name} any more: the crash points have to be moved.`);
  methods[name] = async function (this: unknown, ...args: unknown[]) {
    const counts = when(args);
    if (before && counts) reach(before);
    const result = await method.apply(this, args);
    if (after && counts) reach(after);
    return result;
  };
}

const writes = ([request]: unknown[]): boolean => (request as { method: string }).method !== 'GET';

function surroundPlugin(): void {
  surround(SqlOutbox.prototype, 'mark', { before: 'marker-unwritten', after: 'marker-uncommitted' });
  surround(Delivery.prototype, 'deliver', { before: 'marker-claimed', after: 'delivery-committed' });
  surround(UndiciClient.prototype, 'request', { before: 'request-unsent', after: 'answer-unread', when: writes });
  surround(SqlLinkStore.prototype, 'save', { before: 'link-unsaved' });
  surround(SqlLinkStore.prototype, 'remove', { before: 'link-unsaved' });
  surround(SqlOutbox.prototype, 'complete', { before: 'marker-uncompleted' });
  surround(SqlOperationLog.prototype, 'record', { before: 'log-unwritten', after: 'delivery-uncommitted' });
  const start = Sweeper.prototype.start;
  Sweeper.prototype.start = function () {
    swept = start.call(this);
    return swept;
  };
}

const AFTER_WRITE = /^after(Create|Update|Delete)/;
const ACCOUNTS = ['plugin::users-permissions.user', 'admin::user'];

async function execute(strapi: Core.Strapi, command: Command): Promise<unknown> {
  const table = (name: string) => strapi.db.connection(name);
  switch (command.do) {
    case 'arm':
      armed = command.point;
      return null;
    case 'await-sweep':
      return swept;
    case 'query':
      return strapi.db.query(command.uid)[command.method](command.params as never);
    case 'user-service':
      return strapi.plugin('users-permissions').service('user')[command.method](...command.args);
    case 'rows':
      return table(command.table).where(command.where ?? {});
    case 'update-rows':
      return table(command.table).where(command.where).update(command.set);
    case 'delete-rows':
      return table(command.table).where(command.where).delete();
  }
}

export default function hook(strapi: Core.Strapi): void {
  surroundPlugin();
  strapi.server.use(async (ctx, next) => {
    if (ctx.path !== COMMAND_PATH) {
      await next();
      if (ctx.path.includes('/scim/v2')) reach('reply-unsent');
      return;
    }
    const result = await execute(strapi, JSON.parse(await text(ctx.req)) as Command);
    ctx.body = { result: result ?? null };
  });
  const load = strapi.load.bind(strapi);
  strapi.load = async () => {
    const loaded = await load();
    const run = strapi.db.lifecycles.run.bind(strapi.db.lifecycles);
    strapi.db.lifecycles.run = async (action, uid, ...rest) => {
      if (AFTER_WRITE.test(action) && ACCOUNTS.includes(uid)) reach('account-written');
      return run(action, uid, ...rest);
    };
    return loaded;
  };
}
