export interface Assignment {
  /** SCIM id of the person. */
  localId: string;
  assignedAt: number;
}

/** People whom an admin assigned to a connection by hand. Joins the ambient transaction. */
export interface AssignmentStore {
  /** Of these people, the assigned ones. */
  assigned(connectionId: number, localIds: string[]): Promise<Set<string>>;
  /** Answers those that were not assigned before. */
  assign(connectionId: number, localIds: string[]): Promise<string[]>;
  /** Answers those that were assigned before. */
  unassign(connectionId: number, localIds: string[]): Promise<string[]>;
  /** Oldest first; `after` 0 starts, `next` null ends. */
  page(connectionId: number, after: number, limit: number): Promise<{ assignments: Assignment[]; next: number | null }>;
}
