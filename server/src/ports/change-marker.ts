import type { Population } from '../contracts/connection';

/** Tells the outbound connections of a population that users changed. Joins the ambient transaction. */
export interface ChangeMarker {
  usersChanged(population: Population, scimIds: string[]): Promise<void>;
}
