import { comparable, satisfies } from '../../scim/filter/compare';
import type { AttributeDefinition } from '../../scim/schema/definition';
import { integerCondition, textCondition } from './conditions';
import type { ElementCondition, Elements, Scope, Test } from './elements';
import { and, FALSE, sql, trusted, TRUE, type Sql } from './sql';
import { COST, type Row, type Term } from './term';

/** A sub-attribute that another table knows. `of` is never null for an element that exists. */
export type Operand =
  | { kind: 'text' | 'number'; of: (row: Row) => Sql; indexed?: boolean; id?: { column: (row: Row) => Sql; prefix: string } }
  | { kind: 'constant'; value: string | ((row: Row) => string); definition: AttributeDefinition };

interface Source {
  operands: Readonly<Record<string, Operand>>;
  single: boolean;
  /** Objects that have an element for which the condition holds. */
  row(object: Row, condition: (row: Row) => Sql): Sql;
  driver(condition: (row: Row) => Sql): Sql;
  sortKey?(object: Row, key: (row: Row) => Sql): Sql;
}

/** Elements that are columns: of the object itself, of its links, of its memberships. */
export class TableElements implements Elements {
  readonly single: boolean;

  constructor(
    private readonly scope: Scope,
    private readonly source: Source
  ) {
    this.single = source.single;
  }

  leaf(sub: string, test: Test, cost: number): ElementCondition {
    const operand = this.operand(sub);
    const condition = (row: Row): Sql => (operand === undefined ? FALSE : this.compared(operand, row, test));
    return { test: condition, drive: condition, rest: () => TRUE, cost: isIndexed(operand, test) ? cost : Math.max(cost, COST.present) };
  }

  some(condition: ElementCondition): Term {
    return {
      row: (object) => this.source.row(object, condition.test),
      driver: this.source.driver(condition.test),
      rest: () => TRUE,
      repeats: !this.single,
      cost: condition.cost,
    };
  }

  sortKey(sub: string, object: Row): Sql | null {
    const operand = this.operand(sub);
    if (operand === undefined) return trusted('null');
    if (operand.kind === 'constant') return trusted('0');
    return this.source.sortKey?.(object, operand.of) ?? null;
  }

  private operand(sub: string): Operand | undefined {
    return Object.hasOwn(this.source.operands, sub) ? this.source.operands[sub] : undefined;
  }

  private compared(operand: Operand, row: Row, test: Test): Sql {
    if (test.operator === 'pr') return TRUE;
    const { operator, wanted } = test;
    if (wanted === null) return FALSE;
    if (operand.kind === 'constant') {
      const value = typeof operand.value === 'string' ? operand.value : operand.value(row);
      return satisfies(comparable(value, operand.definition), operator, wanted) ? TRUE : FALSE;
    }
    if (operand.kind !== wanted.kind) return FALSE;
    if (operand.id !== undefined && operator === 'eq' && wanted.kind === 'text') return idCondition(operand.id, row, wanted.text);
    return wanted.kind === 'number'
      ? integerCondition(operand.of(row), operator, wanted.number)
      : textCondition(this.scope.dialect, operand.of(row), operator, wanted.text);
  }
}

function isIndexed(operand: Operand | undefined, test: Test): boolean {
  if (operand === undefined || operand.kind === 'constant') return operand === undefined;
  return operand.indexed === true || (operand.id !== undefined && test.operator === 'eq');
}

/** Our ids are UUIDs in lower case: nothing else can be one, whatever the column's collation holds for equal. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function idCondition({ column, prefix }: { column: (row: Row) => Sql; prefix: string }, row: Row, wanted: string): Sql {
  const id = wanted.startsWith(prefix) ? wanted.slice(prefix.length) : '';
  return UUID.test(id) ? sql`${column(row)} = ${id}` : FALSE;
}

/** Columns of the object's own row. `column`: null where the attribute is unassigned. */
export const ownColumns = (scope: Scope, operands: Readonly<Record<string, Operand>>, column: string | null = null): TableElements => {
  const present = (row: Row): Sql => (column === null ? TRUE : sql`${row}.${trusted(column)} is not null`);
  return new TableElements(scope, {
    operands,
    single: true,
    row: (object, condition) => and(present(object), condition(object)),
    driver: (condition) => sql`select x.id as object_id from ${scope.objects} x where ${and(inScope(scope, trusted('x')), present(trusted('x')), condition(trusted('x')))}`,
    sortKey: (object, key) => key(object),
  });
};

/** A user's externalId is its link's. */
export const linkColumns = (scope: Scope, operands: Readonly<Record<string, Operand>>): TableElements => {
  const own = sql`from ${scope.table('links')} k`;
  const mine = sql`k.connection_id = ${scope.connectionId} and k.object_type = 'User' and k.external_id is not null`;
  const k = trusted('k');
  return new TableElements(scope, {
    operands,
    single: true,
    row: (object, condition) => sql`exists (select 1 ${own} where ${mine} and k.local_id = ${object}.scim_id and ${condition(k)})`,
    driver: (condition) => sql`select x.id as object_id ${own} join ${scope.objects} x on x.scim_id = k.local_id where ${mine} and ${condition(k)}`,
    sortKey: (object, key) => sql`(select ${key(k)} ${own} where ${mine} and k.local_id = ${object}.scim_id)`,
  });
};

export const membersOfGroup = (scope: Scope, operands: Readonly<Record<string, Operand>>): TableElements => {
  const m = trusted('m');
  const from = sql`from ${scope.table('members')} m`;
  return new TableElements(scope, {
    operands,
    single: false,
    row: (object, condition) => sql`exists (select 1 ${from} where m.group_id = ${object}.id and ${condition(m)})`,
    driver: (condition) => sql`select m.group_id as object_id ${from} where ${condition(m)}`,
  });
};

/** Objects that are resources of this connection at all. */
export function inScope(scope: Scope, row: Row): Sql {
  if (scope.objectType === 'Group') return sql`${row}.connection_id = ${scope.connectionId}`;
  return sql`${row}.population = ${scope.population} and ${row}.state is null and ${row}.account_id is not null`;
}
