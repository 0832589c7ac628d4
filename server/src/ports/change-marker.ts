import type { Population } from '../contracts/connection';

/** Tells the outbound connections of a population that users or groups changed. Joins the ambient transaction. */
export interface ChangeMarker {
  usersChanged(population: Population, scimIds: string[]): Promise<void>;
  /** Only those connections hear of it that keep such a group at their application. Keys as in `domain/groups/choice.ts`. */
  groupsChanged(population: Population, keys: string[]): Promise<void>;
}
