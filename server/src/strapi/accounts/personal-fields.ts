import type { Core } from '@strapi/types';

/** Fields that are the account itself, not the person; the caller replaces name and address. */
const KEPT = new Set([
  'id', 'documentId', 'createdAt', 'updatedAt', 'publishedAt', 'createdBy', 'updatedBy', 'locale', 'localizations',
  'username', 'email', 'provider', 'confirmed', 'blocked', 'isActive', 'role', 'roles',
]);

interface Attribute {
  type: string;
  required?: boolean;
  repeatable?: boolean;
  component?: string;
}

interface Part {
  id: number;
  __component?: string;
}

const isPart = ({ type }: Attribute): boolean => type === 'component' || type === 'dynamiczone';

/** Clears what an account tells of a person, also in attributes and components that the site added. */
export class PersonalFields {
  constructor(
    private readonly strapi: Core.Strapi,
    private readonly uid: 'plugin::users-permissions.user' | 'admin::user'
  ) {}

  /** Relations stay: they say what the account wrote. What the site requires stays too, or the account could not be saved. */
  async clear(accountId: number): Promise<Record<string, unknown>> {
    const attributes = Object.entries(this.attributesOf(this.uid)).filter(
      ([name, attribute]) => !KEPT.has(name) && attribute.type !== 'relation' && attribute.required !== true
    );
    const parts = attributes.filter(([, attribute]) => isPart(attribute)).map(([name]) => name);
    const found = await this.partsOf(this.uid, accountId, parts);
    const data = Object.fromEntries(attributes.map(([name, { type, repeatable }]) => [name, type === 'dynamiczone' || repeatable === true ? [] : null]));
    const updated = (await this.strapi.db.query(this.uid).update({ where: { id: accountId }, data })) as Record<string, unknown>;
    for (const part of found) await this.erase(part.uid, part.id);
    return updated;
  }

  private async erase(uid: string, id: number): Promise<void> {
    const names = Object.entries(this.attributesOf(uid)).filter(([, attribute]) => isPart(attribute)).map(([name]) => name);
    for (const part of await this.partsOf(uid, id, names)) await this.erase(part.uid, part.id);
    await this.strapi.db.query(uid as never).delete({ where: { id } });
  }

  private async partsOf(uid: string, id: number, names: string[]): Promise<{ uid: string; id: number }[]> {
    if (names.length === 0) return [];
    const row = (await this.strapi.db.query(uid as never).findOne({ where: { id }, populate: names })) as Record<string, Part | Part[] | null> | null;
    const attributes = this.attributesOf(uid);
    return names.flatMap((name) =>
      [row?.[name] ?? []].flat().flatMap((part) => {
        const componentUid = part.__component ?? attributes[name]?.component;
        return componentUid === undefined ? [] : [{ uid: componentUid, id: part.id }];
      })
    );
  }

  private attributesOf(uid: string): Record<string, Attribute> {
    const model = this.strapi.getModel(uid as 'admin::user');
    return model.attributes as unknown as Record<string, Attribute>;
  }
}
