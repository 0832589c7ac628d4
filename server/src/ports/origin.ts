/** Where a write comes from. Change capture reads it, so that a change is not sent back to the system that made it. */
export interface WriteOrigin {
  system: string;
}

export interface OriginContext {
  /** Everything that `work` writes is marked as coming from there. */
  run<T>(origin: WriteOrigin, work: () => Promise<T>): Promise<T>;
}
