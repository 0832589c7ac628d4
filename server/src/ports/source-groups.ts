import type { Population } from '../contracts/connection';

/** A role or a group of this Strapi as it is sent to applications. */
export interface SourceGroup {
  key: string;
  displayName: string;
  /** Connection whose provider pushed the group; null: a role. */
  connectionId: number | null;
}

/** Roles and pushed groups of a population, by the keys of `domain/groups/choice.ts`. */
export interface SourceGroups {
  /** Null: it does not exist, or not for this population. */
  read(population: Population, key: string): Promise<SourceGroup | null>;
  /** Of all roles that people can have. */
  roleKeys(population: Population): Promise<string[]>;
  /** Of groups, some at a time; `after` 0 starts, `next` null ends. */
  groupKeys(population: Population, after: number, limit: number): Promise<{ keys: string[]; next: number | null }>;
}
