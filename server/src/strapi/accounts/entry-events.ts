import { sanitize } from '@strapi/utils';
import type { Core } from '@strapi/types';
import type { Database } from '../database';

/** What Strapi's own services announce after a write of an entry, so that webhooks and plugins hear of it. */
export class EntryEvents {
  constructor(
    private readonly strapi: Core.Strapi,
    private readonly database: Database
  ) {}

  /** Emitted after the commit, without private fields; a failing listener never reaches the write. */
  async announce(name: string, uid: 'plugin::users-permissions.user' | 'admin::user', entry: Record<string, unknown>): Promise<void> {
    await this.database.afterCommit(() => {
      void this.emit(name, uid, entry).catch((error: unknown) => {
        this.strapi.log.warn(`[user-provisioning] a listener of ${name} failed: ${error instanceof Error ? error.message : 'unknown'}`);
      });
    });
  }

  private async emit(name: string, uid: 'plugin::users-permissions.user' | 'admin::user', entry: Record<string, unknown>): Promise<void> {
    const model = this.strapi.getModel(uid);
    const sanitized = await sanitize.sanitizers.defaultSanitizeOutput(
      { schema: model, getModel: (other: string) => this.strapi.getModel(other as never) },
      entry as never
    );
    const payload = uid === 'admin::user' ? { user: sanitized } : { model: model.modelName, uid, entry: sanitized };
    await this.strapi.eventHub.emit(name, payload);
  }
}
