/** How many requests an application may be sent: a share of it is waited for before each of them. */
export interface RequestBudget {
  /** Answers when the next request may go; throws `target-rate-limited` where that would be too long. */
  take(): Promise<void>;
}
