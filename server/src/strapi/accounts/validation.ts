import { errors } from '@strapi/utils';
import type { Core, Struct } from '@strapi/types';
import { ProvisioningError } from '../../domain/errors';

const COLUMN_LIMIT = 255;
const COLUMN_TYPES = new Set(['string', 'email', 'enumeration', 'uid']);

/** SCIM names of the fields people know by them. */
const SCIM_NAMES: Record<string, string> = {
  username: 'userName',
  email: 'emails',
  firstname: 'name.givenName',
  lastname: 'name.familyName',
};

/**
 * Strapi's own validation of an entry, also of attributes the site added, without the look-ups for `unique` on the
 * names we keep in a unique index: Strapi has none for them and reads the whole table.
 */
export class EntryValidation {
  private model: Struct.ContentTypeSchema | null = null;

  constructor(
    private readonly strapi: Core.Strapi,
    private readonly uid: 'plugin::users-permissions.user' | 'admin::user'
  ) {}

  async forCreation(data: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.translate(() => this.strapi.entityValidator.validateEntityCreation(this.schema() as never, data as never, { isDraft: false }));
  }

  async forUpdate(data: Record<string, unknown>, entity: { id: number }): Promise<Record<string, unknown>> {
    return this.translate(() =>
      this.strapi.entityValidator.validateEntityUpdate(this.schema() as never, data as never, { isDraft: false }, entity as never)
    );
  }

  private schema(): Struct.ContentTypeSchema {
    if (this.model === null) {
      const model = this.strapi.getModel(this.uid) as Struct.ContentTypeSchema;
      const attributes = { ...model.attributes };
      for (const name of ['username', 'email']) {
        const attribute = attributes[name];
        if (attribute) attributes[name] = { ...attribute, unique: false } as typeof attribute;
      }
      this.model = { ...model, attributes };
    }
    return this.model;
  }

  /** Strapi does not check what its columns hold; PostgreSQL would fail and MySQL might cut. */
  private checkLengths(data: Record<string, unknown>): void {
    for (const [field, value] of Object.entries(data)) {
      if (typeof value !== 'string' || value.length <= COLUMN_LIMIT) continue;
      if (!COLUMN_TYPES.has(this.schema().attributes[field]?.type ?? '')) continue;
      const attribute = SCIM_NAMES[field] ?? field;
      throw new ProvisioningError('invalid-value', `${attribute}: longer than ${COLUMN_LIMIT} characters.`, { attribute });
    }
  }

  private async translate(validate: () => Promise<unknown>): Promise<Record<string, unknown>> {
    try {
      const valid = (await validate()) as Record<string, unknown>;
      this.checkLengths(valid);
      return valid;
    } catch (error) {
      if (!(error instanceof errors.ValidationError)) throw error;
      const details = error.details as { errors?: { path: (string | number)[]; message: string }[] } | undefined;
      const first = details?.errors?.[0];
      const field = first?.path.join('.') ?? '';
      const attribute = SCIM_NAMES[field] ?? field;
      throw new ProvisioningError('invalid-value', attribute ? `${attribute}: ${(first?.message ?? error.message).replace(new RegExp(`^${field} `), '')}` : error.message, {
        attribute,
        cause: error,
      });
    }
  }
}
