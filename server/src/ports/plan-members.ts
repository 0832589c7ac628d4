/** What a plan does to one person's membership in one group. */
export interface PlanMember {
  groupKey: string;
  /** SCIM id of the person. */
  localId: string;
  /** True: comes into the group; false: leaves it. */
  joins: boolean;
}

/**
 * Who comes into which group by a plan and who leaves it: written with its pages (`RunStore.addPage`), read in pages, because a group may
 * have a hundred thousand members. Joins the ambient transaction.
 */
export interface PlanMembers {
  /** Groups in which the plan changes members; `after` '' starts. */
  groups(runId: number, after: string, limit: number): Promise<string[]>;
  /** Members of a group whom the plan changes, by SCIM id; `after` '' starts. */
  page(runId: number, groupKey: string, after: string, limit: number): Promise<PlanMember[]>;
  /** Those of these people whose membership the plan changes. */
  among(runId: number, groupKey: string, localIds: string[]): Promise<Set<string>>;
  /** A plan that takes another one back: who came leaves, who left comes. */
  invert(fromRunId: number, toRunId: number, groupKey: string): Promise<void>;
}
