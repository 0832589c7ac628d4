import type { Core } from '@strapi/types';
import type { Population } from '../contracts/connection';
import { roleIdOf, roleKey } from '../domain/groups/choice';
import { TABLES } from '../models';
import type { SourceGroup, SourceGroups } from '../ports/source-groups';
import type { Database } from './database';

const ROLES = { 'end-users': 'plugin::users-permissions.role', 'admin-users': 'admin::role' } as const satisfies Record<Population, string>;

interface RoleRow {
  id: number | string;
  name: string;
  type?: string;
}

/** Nobody has it: it is what visitors without an account may do. */
const isForVisitors = ({ type }: RoleRow): boolean => type === 'public';

interface GroupRow {
  id: number;
  scim_id: string;
  display_name: string;
  connection_id: number;
}

/** Strapi's roles, and the groups that inbound connections of the population keep. */
export class StrapiSourceGroups implements SourceGroups {
  constructor(
    private readonly strapi: Core.Strapi,
    private readonly database: Database
  ) {}

  async read(population: Population, key: string): Promise<SourceGroup | null> {
    const roleId = roleIdOf(key);
    if (roleId === null) return this.readGroup(population, key);
    const role = (await this.strapi.db.query(ROLES[population]).findOne({ where: { id: roleId } })) as RoleRow | null;
    return role === null || isForVisitors(role) ? null : { key, displayName: role.name, connectionId: null };
  }

  async roleKeys(population: Population): Promise<string[]> {
    const roles = (await this.strapi.db.query(ROLES[population]).findMany({ orderBy: { id: 'asc' } })) as RoleRow[];
    return roles.filter((role) => !isForVisitors(role)).map(({ id }) => roleKey(Number(id)));
  }

  async groupKeys(population: Population, after: number, limit: number): Promise<{ keys: string[]; next: number | null }> {
    const rows = await this.groups(population, (groups) => groups.where(`${TABLES.groups}.id`, '>', after).orderBy(`${TABLES.groups}.id`).limit(limit));
    return { keys: rows.map((row) => row.scim_id), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
  }

  private async readGroup(population: Population, key: string): Promise<SourceGroup | null> {
    const [row] = await this.groups(population, (groups) => groups.where(`${TABLES.groups}.scim_id`, key));
    return row === undefined ? null : { key, displayName: row.display_name, connectionId: row.connection_id };
  }

  private groups(population: Population, narrow: (groups: Query) => Query): Promise<GroupRow[]> {
    const { groups, connections } = TABLES;
    return this.database.query<GroupRow[]>(async (tables) =>
      narrow(tables(groups).join(connections, `${connections}.id`, `${groups}.connection_id`).where(`${connections}.population`, population)).select(
        `${groups}.id`,
        `${groups}.scim_id`,
        `${groups}.display_name`,
        `${groups}.connection_id`
      )
    );
  }
}

type Query = ReturnType<Parameters<Parameters<Database['query']>[0]>[0]>;
