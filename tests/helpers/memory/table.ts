/** What a database says when a unique key is taken; the stores translate it as their SQL twins do. */
export class UniqueViolation extends Error {
  constructor(readonly key: string) {
    super(`The unique key ${key} is taken.`);
    this.name = 'UniqueViolation';
  }
}

/** Key of a row, null where the row is not in the index (as NULL in SQL). */
export type UniqueKey<Row> = (row: Row) => string | null;

/** Rows with an ascending id, unique keys and snapshots. Rows are copied on the way in and out: nobody shares one. */
export class MemoryTable<Row extends object> {
  private rows = new Map<number, Row & { id: number }>();
  private lastId = 0;

  constructor(private readonly unique: Readonly<Record<string, UniqueKey<Row>>> = {}) {}

  all(): (Row & { id: number })[] {
    return structuredClone([...this.rows.values()]);
  }

  where(condition: (row: Row & { id: number }) => boolean): (Row & { id: number })[] {
    return structuredClone([...this.rows.values()].filter(condition));
  }

  first(condition: (row: Row & { id: number }) => boolean): (Row & { id: number }) | null {
    return this.where(condition)[0] ?? null;
  }

  insert(row: Row): Row & { id: number } {
    this.refuseTaken(row, null);
    this.lastId += 1;
    const stored = { ...structuredClone(row), id: this.lastId };
    this.rows.set(stored.id, stored);
    return structuredClone(stored);
  }

  update(condition: (row: Row & { id: number }) => boolean, change: (row: Row) => Partial<Row>): number {
    const matching = [...this.rows.values()].filter(condition);
    for (const row of matching) {
      const changed = { ...row, ...structuredClone(change(row)) };
      this.refuseTaken(changed, row.id);
      this.rows.set(row.id, changed);
    }
    return matching.length;
  }

  delete(condition: (row: Row & { id: number }) => boolean): number {
    const matching = [...this.rows.values()].filter(condition);
    for (const row of matching) this.rows.delete(row.id);
    return matching.length;
  }

  /** Answers what brings the present rows back. Ids are not given out twice, as with a sequence. */
  snapshot(): () => void {
    const rows = new Map(this.rows);
    return () => {
      this.rows = rows;
    };
  }

  private refuseTaken(row: Row, ownId: number | null): void {
    for (const [name, keyOf] of Object.entries(this.unique)) {
      const key = keyOf(row);
      if (key === null) continue;
      for (const other of this.rows.values()) {
        if (other.id !== ownId && keyOf(other) === key) throw new UniqueViolation(name);
      }
    }
  }
}
