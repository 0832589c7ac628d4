import type { Core } from '@strapi/types';
import type { Database } from '../database';

interface JoinTable {
  name: string;
  joinColumn: { name: string };
  inverseJoinColumn: { name: string };
  orderColumnName?: string;
  inverseOrderColumnName?: string;
}

/**
 * Role rows of an account, written directly: Strapi's own relation writing reads every user of the role to find the
 * next position, which makes a user cost the more the larger the site is.
 */
export class RoleLinks {
  constructor(
    private readonly strapi: Core.Strapi,
    private readonly database: Database,
    private readonly uid: 'plugin::users-permissions.user' | 'admin::user',
    private readonly attribute: 'role' | 'roles'
  ) {}

  async add(accountId: number, roleIds: number[]): Promise<void> {
    if (roleIds.length === 0) return;
    const table = this.joinTable();
    await this.database.query(async (tables) =>
      tables(table.name).insert(
        roleIds.map((roleId, position) => ({
          [table.joinColumn.name]: accountId,
          [table.inverseJoinColumn.name]: roleId,
          ...(table.orderColumnName === undefined ? {} : { [table.orderColumnName]: position + 1 }),
          // Position among the role's users: accounts in the order of their age, without looking at the others.
          ...(table.inverseOrderColumnName === undefined ? {} : { [table.inverseOrderColumnName]: accountId }),
        }))
      )
    );
  }

  async replace(accountId: number, roleIds: number[]): Promise<void> {
    await this.clear(accountId);
    await this.add(accountId, roleIds);
  }

  async clear(accountId: number): Promise<void> {
    const table = this.joinTable();
    await this.database.query(async (tables) => tables(table.name).where({ [table.joinColumn.name]: accountId }).delete());
  }

  /** Of these, the roles that Strapi has. */
  async existing(roleIds: number[]): Promise<number[]> {
    if (roleIds.length === 0) return [];
    const roles = this.uid === 'admin::user' ? 'admin::role' : 'plugin::users-permissions.role';
    const rows = (await this.strapi.db.query(roles).findMany({ where: { id: { $in: roleIds } }, select: ['id'] })) as { id: number | string }[];
    return rows.map((row) => Number(row.id));
  }

  /** For SQL over accounts and roles. */
  columns(): { table: string; account: string; role: string } {
    const { name, joinColumn, inverseJoinColumn } = this.joinTable();
    return { table: name, account: joinColumn.name, role: inverseJoinColumn.name };
  }

  private joinTable(): JoinTable {
    const attribute = this.strapi.db.metadata.get(this.uid).attributes[this.attribute] as { joinTable?: JoinTable } | undefined;
    if (!attribute?.joinTable) throw new Error(`${this.uid} has no role table.`);
    return attribute.joinTable;
  }
}
