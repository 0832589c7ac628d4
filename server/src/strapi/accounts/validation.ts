import { errors } from '@strapi/utils';
import type { Core, Struct } from '@strapi/types';
import { ProvisioningError } from '../../domain/errors';
import { STRAPI_USER_URN } from '../../scim/schema/urns';
import type { AccountUid, ExtensionField } from '../extension/fields';
import { isValues } from '../extension/values';

const COLUMN_LIMIT = 255;
const COLUMN_TYPES = new Set(['string', 'email', 'enumeration', 'uid']);
/** What Strapi says of a `unique` attribute; the error carries nothing else that tells it apart. */
const NOT_UNIQUE = 'This attribute must be unique';

/** SCIM names of the fields people know by them. */
const SCIM_NAMES: Record<string, string> = {
  username: 'userName',
  email: 'emails',
  firstname: 'name.givenName',
  lastname: 'name.familyName',
};

/**
 * Strapi's own validation of an entry, also of attributes the site added, with two differences. The look-ups for
 * `unique` on the names we keep in a unique index are left out: Strapi has none for them and reads the whole table. And
 * `required` holds for username and e-mail only: what a provider cannot write it cannot be asked for, and what it can
 * write the extension checks.
 */
export class EntryValidation {
  private model: Struct.ContentTypeSchema | null = null;

  constructor(
    private readonly strapi: Core.Strapi,
    private readonly uid: AccountUid,
    private readonly extension: readonly ExtensionField[]
  ) {}

  async forCreation(data: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.translate(() => this.strapi.entityValidator.validateEntityCreation(this.schema(data) as never, data as never, { isDraft: false }));
  }

  async forUpdate(data: Record<string, unknown>, entity: { id: number }): Promise<Record<string, unknown>> {
    return this.translate(() =>
      this.strapi.entityValidator.validateEntityUpdate(this.schema(data) as never, data as never, { isDraft: false }, entity as never)
    );
  }

  /** Of the model only what is written or must be there: Strapi makes a validator of every attribute, each time. */
  private schema(data: Record<string, unknown>): Struct.ContentTypeSchema {
    const model = this.whole();
    const attributes = Object.entries(model.attributes).filter(
      ([name, attribute]) => Object.hasOwn(data, name) || ('required' in attribute && attribute.required === true)
    );
    return { ...model, attributes: Object.fromEntries(attributes) as typeof model.attributes };
  }

  private whole(): Struct.ContentTypeSchema {
    if (this.model === null) {
      const model = this.strapi.getModel(this.uid) as Struct.ContentTypeSchema;
      const attributes = Object.entries(model.attributes).map(([name, attribute]) => [
        name,
        name === 'username' || name === 'email' ? { ...attribute, unique: false } : { ...attribute, required: false },
      ]);
      this.model = { ...model, attributes: Object.fromEntries(attributes) as typeof model.attributes };
    }
    return this.model;
  }

  /** Strapi does not check what its columns hold; PostgreSQL would fail and MySQL might cut. */
  private checkLengths(data: Record<string, unknown>): void {
    for (const [field, value] of Object.entries(data)) {
      const check = (text: unknown, type: string | undefined, attribute: string): void => {
        if (typeof text !== 'string' || text.length <= COLUMN_LIMIT || !COLUMN_TYPES.has(type ?? '')) return;
        throw new ProvisioningError('invalid-value', `${attribute}: longer than ${COLUMN_LIMIT} characters.`, { attribute });
      };
      check(value, this.whole().attributes[field]?.type, this.scimName([field]));
      for (const part of Array.isArray(value) ? value : [value]) {
        const fields = this.extension.find(({ name }) => name === field)?.component?.fields;
        if (isValues(part)) fields?.forEach((sub) => check(part[sub.name], sub.strapiType, this.scimName([field, sub.name])));
      }
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
      const { path = [], message = error.message } = details?.errors?.[0] ?? {};
      if (path.length === 0) throw new ProvisioningError('invalid-value', error.message, { cause: error });
      const attribute = this.scimName(path);
      if (message === NOT_UNIQUE) throw new ProvisioningError('uniqueness', `${attribute}: another account has this value.`, { attribute, cause: error });
      // Strapi's sentence starts with its own path.
      const reason = message.replace(/^\S+(?= (?:must|cannot|is|has)\b)/, '').trimStart();
      throw new ProvisioningError('invalid-value', `${attribute}: ${reason || message}`, { attribute, cause: error });
    }
  }

  /** Positions in lists are no part of an attribute's path. */
  private scimName(path: (string | number)[]): string {
    const names = path.map(String).filter((name) => !/^\d+$/.test(name));
    const name = names.join('.');
    return this.extension.some((field) => field.name === names[0]) ? `${STRAPI_USER_URN}:${name}` : (SCIM_NAMES[name] ?? name);
  }
}
