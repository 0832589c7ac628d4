import type { Core } from '@strapi/types';

export interface EndUserSettings {
  /** Role that Strapi gives to whoever registers; null where that role does not exist. */
  defaultRoleId: number | null;
  /** "One account per email address". */
  emailIsUnique: boolean;
}

/** How long another instance's change may go unnoticed; this process notices its own at once. */
const MEMORY_MS = 5_000;

/** Advanced settings of users-permissions, asked for by every new user and changed once in a while. */
export class EndUserSettingsReader {
  private memory: { until: number; settings: Promise<EndUserSettings> } | null = null;

  constructor(private readonly strapi: Core.Strapi) {
    const forget = (): void => {
      this.memory = null;
    };
    const models = ['strapi::core-store', 'plugin::users-permissions.role'];
    strapi.db.lifecycles.subscribe({ models, afterCreate: forget, afterUpdate: forget, afterDelete: forget, afterUpdateMany: forget, afterDeleteMany: forget });
  }

  read(): Promise<EndUserSettings> {
    const now = Date.now();
    if (this.memory === null || this.memory.until <= now) this.memory = { until: now + MEMORY_MS, settings: this.load() };
    const { settings } = this.memory;
    // A failure is not remembered.
    settings.catch(() => (this.memory = null));
    return settings;
  }

  private async load(): Promise<EndUserSettings> {
    const stored = await this.strapi.store({ type: 'plugin', name: 'users-permissions', key: 'advanced' }).get({});
    const { default_role: type, unique_email: unique } = (stored ?? {}) as { default_role?: string; unique_email?: boolean };
    const role = await this.strapi.db.query('plugin::users-permissions.role').findOne({ where: { type: type ?? 'authenticated' }, select: ['id'] });
    return { defaultRoleId: role ? Number(role.id) : null, emailIsUnique: unique !== false };
  }
}
