import { AsyncLocalStorage } from 'node:async_hooks';
import type { UnitOfWork } from '../../../server/src/ports/unit-of-work';
import { MemoryTable, UniqueViolation, type UniqueKey } from './table';

interface Transaction {
  open: boolean;
  /** After an error nothing but a rollback is possible, as on PostgreSQL. */
  aborted: boolean;
  callbacks: (() => void)[];
}

/**
 * The database of the memory stores: tables, and transactions that really roll back. One transaction at a time, and a
 * query beside an open one waits for it, as on SQLite, whose pool has one connection.
 */
export class MemoryUnitOfWork implements UnitOfWork {
  private readonly tables: MemoryTable<object>[] = [];
  private readonly storage = new AsyncLocalStorage<Transaction>();
  private tail: Promise<void> = Promise.resolve();
  private readonly commitFaults: { fault: Error; when(): boolean }[] = [];
  /** Outermost transactions that were committed and rolled back. */
  commits = 0;
  rollbacks = 0;

  table<Row extends object>(unique: Readonly<Record<string, UniqueKey<Row>>> = {}): MemoryTable<Row> {
    const table = new MemoryTable<Row>(unique);
    this.tables.push(table as unknown as MemoryTable<object>);
    return table;
  }

  get inTransaction(): boolean {
    return this.storage.getStore()?.open === true;
  }

  /** The next outermost transaction that ends while `when` holds is not committed but fails this way. */
  failCommitOnce(fault: Error, when: () => boolean = () => true): void {
    this.commitFaults.push({ fault, when });
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const outer = this.storage.getStore();
    if (outer?.open) {
      try {
        return await work();
      } catch (error) {
        outer.aborted = true;
        throw error;
      }
    }
    const transaction: Transaction = { open: true, aborted: false, callbacks: [] };
    const result = await this.alone(async () => {
      const restore = this.tables.map((table) => table.snapshot());
      try {
        const value = await this.storage.run(transaction, work);
        const index = this.commitFaults.findIndex(({ when }) => when());
        const [failing] = index < 0 ? [] : this.commitFaults.splice(index, 1);
        if (failing !== undefined) throw failing.fault;
        if (transaction.aborted) throw new Error('A part of the transaction failed, and its error was swallowed.');
        this.commits += 1;
        return value;
      } catch (error) {
        for (const bringBack of restore) bringBack();
        this.rollbacks += 1;
        throw error;
      } finally {
        transaction.open = false;
      }
    });
    for (const callback of transaction.callbacks) callback();
    return result;
  }

  async afterCommit(callback: () => void): Promise<void> {
    const transaction = this.storage.getStore();
    if (transaction?.open) transaction.callbacks.push(callback);
    else callback();
  }

  /** One statement; joins the open transaction. */
  async query<T>(work: () => T): Promise<T> {
    const transaction = this.storage.getStore();
    if (!transaction?.open) return this.alone(async () => work());
    // A statement is a round trip: whoever else can run does.
    await Promise.resolve();
    if (transaction.aborted) throw new Error('The transaction is aborted, statements are ignored until it ends.');
    try {
      return work();
    } catch (error) {
      if (error instanceof UniqueViolation) transaction.aborted = true;
      throw error;
    }
  }

  private async alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.tail;
    let release = (): void => undefined;
    this.tail = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    try {
      return await work();
    } finally {
      release();
    }
  }
}
