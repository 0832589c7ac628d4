import { and, FALSE, not, or, sql, trusted, TRUE, unionAll, type Sql } from './sql';

/** How much a search by it costs, in steps: what is asked of the database is chosen by it. */
export const COST = { unique: 0, equal: 1, prefix: 2, range: 3, weak: 4, present: 5, scan: 6, none: 9 } as const;

/** An object a condition is about: the alias of its row. */
export type Row = Sql;

/**
 * A condition on objects in two forms: asked of one object (`row`), and as the ids of all objects that satisfy it
 * (`driver` narrowed by `rest`), which needs no look at the others.
 */
export interface Term {
  row(object: Row): Sql;
  /** `select ... as object_id ...`; null where there is no such form. */
  driver: Sql | null;
  /** What a row found by the driver must satisfy too. */
  rest(object: Row): Sql;
  /** The driver may answer an object more than once. */
  repeats: boolean;
  cost: number;
}

export interface Scoped {
  /** Table of the objects. */
  objects: Sql;
}

export const always: Term = { row: () => TRUE, driver: null, rest: () => TRUE, repeats: false, cost: COST.none };

export const never = ({ objects }: Scoped): Term => ({
  row: () => FALSE,
  driver: sql`select x.id as object_id from ${objects} x where 1 = 0`,
  rest: () => TRUE,
  repeats: false,
  cost: COST.unique,
});

/** The ids as one query. A union inside IN is run for every row by MySQL, unless it is a table of its own. */
function setOf(term: Term, { objects }: Scoped): Sql | null {
  if (term.driver === null) return null;
  const x = trusted('x');
  const rest = term.rest(x);
  if (rest === TRUE) return term.driver;
  return sql`select x.id as object_id from ${objects} x where x.id in (select d.object_id from (${term.driver}) d) and ${rest}`;
}

export function allOf(terms: readonly Term[]): Term {
  const needed = terms.filter((term) => term !== always);
  const [only] = needed;
  if (only === undefined) return always;
  if (needed.length === 1) return only;
  // The term that finds the fewest drives; the others are asked of what it finds.
  const best = needed.reduce((left, right) => (rank(right) < rank(left) ? right : left));
  const others = needed.filter((term) => term !== best);
  const rows = (object: Row): Sql => and(...others.map((term) => term.row(object)));
  return {
    row: (object) => and(best.row(object), rows(object)),
    driver: best.driver,
    rest: (object) => and(best.rest(object), rows(object)),
    repeats: best.repeats,
    cost: best.cost,
  };
}

const rank = (term: Term): number => (term.driver === null ? COST.none : term.cost);

export function anyOf(terms: readonly Term[], scope: Scoped): Term {
  if (terms.includes(always)) return always;
  const row = (object: Row): Sql => or(...terms.map((term) => term.row(object)));
  const sets = terms.map((term) => setOf(term, scope));
  if (sets.includes(null)) return { row, driver: null, rest: row, repeats: false, cost: COST.none };
  return {
    row,
    driver: unionAll(sets.flatMap((set) => set ?? [])),
    rest: () => TRUE,
    repeats: true,
    cost: Math.max(...terms.map((term) => term.cost)),
  };
}

export function noneOf(term: Term): Term {
  const row = (object: Row): Sql => not(term.row(object));
  return { row, driver: null, rest: row, repeats: false, cost: COST.none };
}
