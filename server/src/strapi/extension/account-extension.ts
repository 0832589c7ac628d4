import type { Core } from '@strapi/types';
import { canonicalJson } from '../../domain/diff/canonical';
import type { Resource } from '../../domain/resource/resource';
import { STRAPI_USER_URN } from '../../scim/schema/urns';
import { AccountComponents } from './components';
import { extensionFields, type AccountUid, type ExtensionField } from './fields';
import { isValues, shownValues, stored, type Values } from './values';

/** The part of an account that the extension schema describes: between Strapi's entries and SCIM resources. */
export class AccountExtension {
  readonly fields: readonly ExtensionField[];
  /** Components to load with an account; one more query each, however many accounts. */
  readonly populate: Record<string, { select: string[] }>;
  private readonly components: AccountComponents;

  constructor(strapi: Core.Strapi, uid: AccountUid) {
    this.fields = extensionFields(strapi, uid);
    this.components = new AccountComponents(strapi, uid);
    this.populate = Object.fromEntries(
      this.fields.flatMap(({ name, component }) => (component === null ? [] : [[name, { select: ['id', ...component.fields.map((field) => field.name)] }]]))
    );
  }

  get hasComponents(): boolean {
    return Object.keys(this.populate).length > 0;
  }

  /** Adds the extension to the resource of an account; empty where nothing has a value, so that it is known to be none. */
  show(resource: Resource, row: Values): void {
    if (this.fields.length === 0) return;
    const values = shownValues(this.fields, row);
    resource[STRAPI_USER_URN] = values;
    if (Object.keys(values).length > 0) resource.schemas = [...resource.schemas, STRAPI_USER_URN];
  }

  /** What differs and may be written, as Strapi's fields. `present` null: a new account, where no value is no change. */
  changes(present: Resource | null, desired: Resource, writable: readonly string[]): Values {
    const before = valuesOf(present);
    const wanted = valuesOf(desired);
    const data: Values = {};
    for (const field of this.fields) {
      if (!writable.includes(field.name)) continue;
      const isSame = canonicalJson(wanted[field.name] ?? null) === canonicalJson(before[field.name] ?? null);
      if (present !== null && isSame) continue;
      const value = stored(field, wanted[field.name]);
      if (present === null && (value === null || (Array.isArray(value) && value.length === 0))) continue;
      data[field.name] = value;
    }
    return data;
  }

  /** Validated data with components replaced by their links; components are written by it. */
  async link(data: Values, accountId: number | null): Promise<Values> {
    const linked = { ...data };
    for (const { name, component } of this.fields) {
      if (component !== null && data[name] !== undefined) linked[name] = await this.components.write(name, component, data[name], accountId);
    }
    return linked;
  }

  removeComponents(accountId: number): Promise<void> {
    return this.components.removeAll(accountId);
  }
}

function valuesOf(resource: Resource | null): Values {
  const values = resource?.[STRAPI_USER_URN];
  return isValues(values) ? values : {};
}
