import type { ObjectType } from '../../contracts/operation';
import type { Population } from '../../contracts/connection';
import type { Comparable } from '../../scim/filter/compare';
import type { NamedAttribute } from '../../scim/filter/attributes';
import type { ResourceTypeDefinition } from '../../scim/schema/resource-types';
import type { PositiveOperator } from './conditions';
import type { Dialect } from './dialect';
import { COST, type Row, type Term } from './term';
import { and, or, not, TRUE, type Sql } from './sql';

/** Whose search it is, and where its tables are. */
export interface Scope {
  connectionId: number;
  population: Population;
  objectType: ObjectType;
  type: ResourceTypeDefinition;
  /** Absolute URL of the connection's SCIM root. */
  baseUrl: string;
  dialect: Dialect;
  /** Identities or groups. */
  objects: Sql;
  table(name: 'identities' | 'links' | 'groups' | 'members' | 'values'): Sql;
  /** Of a search for the canonical user, whom no connection in particular sees: where its values are. */
  own?: (named: NamedAttribute, scope: Scope) => Elements;
}

/** What a comparison asks of one sub-attribute. */
export type Test = { operator: PositiveOperator; wanted: Comparable | null } | { operator: 'pr' };

/**
 * A condition on one element of an attribute. Where the element's rows are found by one of its parts, that part is
 * `drive` and what remains is `rest`.
 */
export interface ElementCondition {
  test(row: Row): Sql;
  drive: ((row: Row) => Sql) | null;
  rest(row: Row): Sql;
  cost: number;
}

/** Where the elements of one attribute are, and how their sub-attributes are compared. */
export interface Elements {
  /** At most one element. */
  single: boolean;
  leaf(sub: string, test: Test, cost: number): ElementCondition;
  /** Objects with an element that satisfies the condition. */
  some(condition: ElementCondition): Term;
  /** What an object sorts by; null where it has no one value. */
  sortKey(sub: string, object: Row): Sql | null;
}

export const anyElement: ElementCondition = { test: () => TRUE, drive: null, rest: () => TRUE, cost: COST.present };

const undriven = (test: (row: Row) => Sql): ElementCondition => ({ test, drive: null, rest: test, cost: COST.present });

export const elementNot = (condition: ElementCondition): ElementCondition => undriven((row) => not(condition.test(row)));

export const elementOr = (left: ElementCondition, right: ElementCondition): ElementCondition =>
  undriven((row) => or(left.test(row), right.test(row)));

export function elementAnd(left: ElementCondition, right: ElementCondition): ElementCondition {
  const [best, other] = right.drive !== null && (left.drive === null || right.cost < left.cost) ? [right, left] : [left, right];
  return {
    test: (row) => and(left.test(row), right.test(row)),
    drive: best.drive,
    rest: (row) => and(best.drive === null ? best.test(row) : best.rest(row), other.test(row)),
    cost: best.cost,
  };
}
