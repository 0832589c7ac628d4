import type { Core } from '@strapi/types';
import type { AccountUid, ExtensionField } from './fields';
import { isValues, type Values } from './values';

interface ComponentAttribute {
  type: string;
  component?: string;
}

type Component = NonNullable<ExtensionField['component']>;

/**
 * Components of an account. Strapi's database layer stores entries and links of components, but only its document
 * service writes them with their entry; this writes the entries and hands over what the link is made of. In the
 * transaction that is open, one after another: parallel ones deadlock on MySQL.
 */
export class AccountComponents {
  constructor(
    private readonly strapi: Core.Strapi,
    private readonly uid: AccountUid
  ) {}

  /** Writes the value of a component attribute; answers what the account's row is to be saved with. */
  async write(name: string, component: Component, value: unknown, accountId: number | null): Promise<unknown> {
    const wanted = (Array.isArray(value) ? value : [value]).filter(isValues);
    const present = accountId === null ? [] : await this.idsOf(accountId, name);
    const ids: number[] = [];
    for (const [position, part] of wanted.entries()) {
      const id = present[position];
      // Written in place: a component may hold more than SCIM shows.
      ids.push(id === undefined ? await this.create(component, part) : await this.change(component, id, part));
    }
    for (const id of present.slice(wanted.length)) await this.remove(component.uid, id);
    const links = ids.map((id) => ({ id, __pivot: { field: name, component_type: component.uid } }));
    return component.repeatable ? links : (links[0] ?? null);
  }

  /** Everything below the account, also what SCIM does not show: Strapi deletes a row without its components. */
  async removeAll(accountId: number): Promise<void> {
    await this.removeBelow(this.uid, accountId);
  }

  private async create(component: Component, part: Values): Promise<number> {
    const created = (await this.query(component.uid).create({ data: part })) as { id: number };
    return created.id;
  }

  private async change(component: Component, id: number, part: Values): Promise<number> {
    const data = Object.fromEntries(component.fields.map(({ name }) => [name, part[name] ?? null]));
    await this.query(component.uid).update({ where: { id }, data });
    return id;
  }

  private async remove(uid: string, id: number): Promise<void> {
    await this.removeBelow(uid, id);
    await this.query(uid).delete({ where: { id } });
  }

  private async removeBelow(uid: string, id: number): Promise<void> {
    const { attributes } = this.strapi.getModel(uid as never) as { attributes: Record<string, ComponentAttribute> };
    for (const [name, attribute] of Object.entries(attributes)) {
      if (attribute.type !== 'component' && attribute.type !== 'dynamiczone') continue;
      const loaded: unknown = await this.query(uid).load({ id }, name);
      for (const part of (Array.isArray(loaded) ? loaded : [loaded]).filter(isValues)) {
        const partUid = attribute.component ?? (part.__component as string);
        await this.remove(partUid, part.id as number);
      }
    }
  }

  private async idsOf(accountId: number, name: string): Promise<number[]> {
    const loaded: unknown = await this.query(this.uid).load({ id: accountId }, name);
    return (Array.isArray(loaded) ? loaded : [loaded]).filter(isValues).map((part) => part.id as number);
  }

  private query(uid: string) {
    return this.strapi.db.query(uid as never);
  }
}
