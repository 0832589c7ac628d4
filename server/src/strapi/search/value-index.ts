import type { ObjectType } from '../../contracts/operation';
import { indexedText, prefixOf } from '../../scim/filter/compare';
import { indexedValues, type IndexedValue } from '../../scim/filter/indexed-values';
import { typeDefinition } from '../../scim/schema/resource-types';
import { TABLES } from '../../models';
import type { IndexedObject, SearchIndex } from '../../ports/search';
import type { Database } from '../database';
import { attributeKey, LINK_MARK, subKey } from './names';

const COLUMNS = ['object_type', 'object_id', 'connection_id', 'attribute', 'sub', 'element', 'text', 'long_text', 'number'] as const;
/** Bound parameters per statement stay far below every database's limit. */
const ROWS = 500;

type Row = readonly (string | number | null)[];

/** The table of values that filters search. */
export class SqlSearchIndex implements SearchIndex {
  constructor(private readonly database: Database) {}

  async put(objects: IndexedObject[], { isNew } = { isNew: false }): Promise<void> {
    const known = objects.filter(({ before }) => before !== undefined);
    for (const object of known) await this.change(object);
    const whole = objects.filter(({ before }) => before === undefined);
    if (!isNew) await this.clear(whole);
    await this.insert(whole.flatMap(rowsOf));
  }

  /** A change touches a few attributes of many: their rows stay, and so do the pages they are on. */
  private async change(object: IndexedObject): Promise<void> {
    const before = byAttribute(rowsOf({ ...object, resource: object.before ?? object.resource }));
    const after = byAttribute(rowsOf(object));
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter((key) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key)));
    const gone = changed.filter((key) => before.has(key));
    const where = { object_id: object.key, object_type: typeDefinition(object.type).name, connection_id: object.connectionId };
    if (gone.length > 0) await this.database.query(async (tables) => tables(TABLES.values).where(where).whereIn('attribute', gone).delete());
    await this.insert(changed.flatMap((key) => after.get(key) ?? []));
  }

  async remove(type: ObjectType, key: number, connectionId?: number): Promise<void> {
    await this.database.query(async (tables) =>
      tables(TABLES.values)
        .where({ object_id: key, object_type: type, ...(connectionId === undefined ? {} : { connection_id: connectionId }) })
        .delete()
    );
  }

  /** One statement for all objects of a connection. */
  private async clear(objects: IndexedObject[]): Promise<void> {
    const sets = new Map<string, { type: ObjectType; connectionId: number; keys: number[] }>();
    for (const { type, connectionId, key } of objects) {
      const { name } = typeDefinition(type);
      const set = sets.get(`${name} ${connectionId}`) ?? { type: name, connectionId, keys: [] };
      set.keys.push(key);
      sets.set(`${name} ${connectionId}`, set);
    }
    for (const { type, connectionId, keys } of sets.values()) {
      for (let start = 0; start < keys.length; start += ROWS) {
        const some = keys.slice(start, start + ROWS);
        await this.database.query(async (tables) =>
          tables(TABLES.values).whereIn('object_id', some).where({ object_type: type, connection_id: connectionId }).delete()
        );
      }
    }
  }

  /** Written out: what a query builder makes of so many rows costs more than storing them. */
  private async insert(rows: Row[]): Promise<void> {
    for (let start = 0; start < rows.length; start += ROWS) {
      const some = rows.slice(start, start + ROWS);
      const marks = `(${COLUMNS.map(() => '?').join(', ')})`;
      const text = `insert into ${this.database.qualified(TABLES.values)} (${COLUMNS.join(', ')}) values ${some.map(() => marks).join(', ')}`;
      await this.database.query(async (_tables, knex) => knex.raw(text, some.flat() as (string | number)[]));
    }
  }
}

const ATTRIBUTE = COLUMNS.indexOf('attribute');

function byAttribute(rows: Row[]): Map<number, Row[]> {
  const found = new Map<number, Row[]>();
  for (const row of rows) found.set(Number(row[ATTRIBUTE]), [...(found.get(Number(row[ATTRIBUTE])) ?? []), row]);
  return found;
}

function rowsOf(object: IndexedObject): Row[] {
  const { name } = typeDefinition(object.type);
  const row = (attribute: number, value: IndexedValue | null): Row => [
    name,
    object.key,
    object.connectionId,
    attribute,
    ...(value === null ? [0, 0, null, null, null] : [subKey(value.sub), value.element, ...columnsOf(value)]),
  ];
  const values = indexedValues(object.resource, object.type);
  if (name === 'Group' || object.connectionId === 0) return values.map((value) => row(attributeKey(name, value.attribute), value));
  // The userName is the account's own, whoever looks: one row is enough.
  const own = values.filter(({ attribute }) => attribute !== 'username');
  return [row(LINK_MARK, null), ...own.map((value) => row(attributeKey(name, value.attribute), value))];
}

function columnsOf({ value }: IndexedValue): [text: string | null, long: string | null, number: number | null] {
  if (value === null) return [null, null, null];
  const text = indexedText(value);
  if (value.kind === 'number') return [text, null, value.number];
  return [text, prefixOf(value.text) === value.text ? null : value.text, null];
}
