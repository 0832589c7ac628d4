/** One transaction around several ports' writes. Stores called inside `run` take part in it. */
export interface UnitOfWork {
  /** Runs the work in a transaction; nested calls join the outer one. Any throw rolls everything back. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Called once the outermost transaction has committed; at once where there is none. Must not throw. */
  afterCommit(callback: () => void): Promise<void>;
}
