import { AsyncLocalStorage } from 'node:async_hooks';
import type { OriginContext, WriteOrigin } from '../ports/origin';

interface WriteState {
  /** System behind the write; null for Strapi itself. */
  system: string | null;
  /** The local directory is writing: it keeps identity and markers itself, lifecycles need not. */
  managed: boolean;
}

/** Follows a write through Strapi into its lifecycles. */
export class WriteContext implements OriginContext {
  private readonly storage = new AsyncLocalStorage<WriteState>();

  run<T>(origin: WriteOrigin, work: () => Promise<T>): Promise<T> {
    return this.storage.run({ system: origin.system, managed: false }, work);
  }

  managed<T>(work: () => Promise<T>): Promise<T> {
    return this.storage.run({ system: this.system, managed: true }, work);
  }

  get system(): string | null {
    return this.storage.getStore()?.system ?? null;
  }

  get isManaged(): boolean {
    return this.storage.getStore()?.managed ?? false;
  }
}
