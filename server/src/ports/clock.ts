/** Time and chance, so that tests decide both. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

export interface IdSource {
  uuid(): string;
}
