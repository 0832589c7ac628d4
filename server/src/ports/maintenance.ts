/** The site-wide pause. Whoever writes users by itself asks before each object. */
export interface MaintenanceSwitch {
  /** As of a few seconds ago, where another instance switched it. */
  isPaused(): Promise<boolean>;
  /** What was known last, without asking the database. */
  readonly pausedWhenLastSeen: boolean;
}
