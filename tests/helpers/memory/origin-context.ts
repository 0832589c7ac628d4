import { AsyncLocalStorage } from 'node:async_hooks';
import type { OriginContext, WriteOrigin } from '../../../server/src/ports/origin';

export class MemoryOriginContext implements OriginContext {
  private readonly storage = new AsyncLocalStorage<WriteOrigin>();

  run<T>(origin: WriteOrigin, work: () => Promise<T>): Promise<T> {
    return this.storage.run(origin, work);
  }

  /** System of the write that runs; null for Strapi itself. */
  get system(): string | null {
    return this.storage.getStore()?.system ?? null;
  }
}
