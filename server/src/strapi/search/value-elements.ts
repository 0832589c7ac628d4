import type { AttributeDefinition, AttributeType } from '../../scim/schema/definition';
import { rowCondition } from './conditions';
import type { ElementCondition, Elements, Scope, Test } from './elements';
import { attributeKey, LINK_MARK, subKey } from './names';
import { and, sql, trusted, TRUE, unionAll, type Sql } from './sql';
import { COST, type Row, type Term } from './term';

/** Whether the connection is linked to the object of a row: then it sees its own rows of it, else the account's. */
export function linked(scope: Scope, objectId: Sql): Sql {
  return scope.dialect.exists(sql`select 1 from ${scope.table('values')} l ${scope.dialect.using('values_object')} where l.object_id = ${objectId} and l.object_type = 'User' and l.connection_id = ${scope.connectionId} and l.attribute = ${LINK_MARK}`);
}

/** Users the connection provisioned. */
export function provisioned(scope: Scope): Term {
  return {
    row: (object) => linked(scope, sql`${object}.id`),
    driver: sql`select v.object_id from ${scope.table('values')} v ${scope.dialect.using('values_find')} where v.connection_id = ${scope.connectionId} and v.attribute = ${LINK_MARK} and v.sub = 0`,
    rest: () => TRUE,
    repeats: false,
    cost: COST.present,
  };
}

/** Types whose rows are never numbers. A complex attribute's parts may be of any type. */
const TEXT_ONLY: ReadonlySet<AttributeType> = new Set(['string', 'boolean', 'reference', 'binary']);

/** Elements that the index of values holds. */
export class ValueElements implements Elements {
  readonly single: boolean;
  private readonly mixed: boolean;
  private readonly attribute: number;

  constructor(
    private readonly scope: Scope,
    name: string,
    definition: AttributeDefinition
  ) {
    this.attribute = attributeKey(scope.objectType, name);
    this.mixed = !TEXT_ONLY.has(definition.type);
    this.single = !definition.multiValued && definition.type !== 'any';
    this.shared = scope.objectType === 'User' && name === 'username';
  }

  /** Of the account, the same for every connection. */
  private readonly shared: boolean;

  leaf(sub: string, test: Test, cost: number): ElementCondition {
    const drive = (row: Row): Sql => and(sql`${row}.sub = ${subKey(sub)}`, this.compared(row, test));
    // Sub-attributes of one element are rows of their own.
    const sibling = (row: Row): Sql =>
      this.scope.dialect.exists(sql`select 1 from ${this.byObject('w')} where w.object_id = ${row}.object_id and w.object_type = ${row}.object_type and w.connection_id = ${row}.connection_id and w.attribute = ${row}.attribute and w.element = ${row}.element and ${drive(trusted('w'))}`);
    return { test: sibling, drive, rest: () => TRUE, cost };
  }

  some(condition: ElementCondition): Term {
    const v = trusted('v');
    const { drive } = condition;
    const found = and(sql`v.attribute = ${this.attribute}`, drive === null ? TRUE : drive(v), drive === null ? condition.test(v) : condition.rest(v));
    return {
      row: (object) =>
        this.scope.dialect.exists(sql`select 1 from ${this.byObject('v')} where v.object_id = ${object}.id and v.object_type = ${this.scope.objectType} and v.connection_id = ${this.connectionOf(object)} and ${found}`),
      driver: this.objectsWith(found),
      rest: () => TRUE,
      repeats: !this.single || drive === null,
      cost: drive === null ? COST.present : condition.cost,
    };
  }

  sortKey(sub: string, object: Row): Sql {
    return sql`(select v.text from ${this.byObject('v')} where v.object_id = ${object}.id and v.object_type = ${this.scope.objectType} and v.connection_id = ${this.connectionOf(object)} and v.attribute = ${this.attribute} and v.sub = ${subKey(sub)} and v.element = 0)`;
  }

  private byObject(alias: string): Sql {
    return sql`${this.scope.table('values')} ${trusted(alias)} ${this.scope.dialect.using('values_object')}`;
  }

  private get byValue(): Sql {
    return sql`${this.scope.table('values')} v ${this.scope.dialect.using('values_find')}`;
  }

  private compared(row: Row, test: Test): Sql {
    return test.operator === 'pr' ? TRUE : rowCondition(this.scope.dialect, row, test.operator, test.wanted, this.mixed);
  }

  /** Whose rows of the object the connection sees. */
  protected connectionOf(object: Row): Sql {
    const { connectionId, objectType } = this.scope;
    if (this.shared) return trusted('0');
    if (objectType === 'Group') return sql`${connectionId}`;
    return sql`case when ${linked(this.scope, sql`${object}.id`)} then ${connectionId} else 0 end`;
  }

  private objectsWith(found: Sql): Sql {
    const own = sql`select v.object_id from ${this.byValue} where v.connection_id = ${this.scope.connectionId} and ${found}`;
    if (this.scope.objectType === 'Group') return own;
    const account = sql`select v.object_id from ${this.byValue} where v.connection_id = 0 and ${found}`;
    if (this.shared) return account;
    return unionAll([own, sql`${account} and not ${linked(this.scope, sql`v.object_id`)}`]);
  }
}
