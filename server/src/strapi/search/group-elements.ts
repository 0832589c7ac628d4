import { MAX_NESTING } from '../../ports/group-store';
import type { Scope } from './elements';
import { FALSE, or, sql, trusted, TRUE, unionAll, type Sql } from './sql';
import { TableElements, type Operand } from './table-elements';
import type { Row } from './term';

/**
 * A group as the element of a user's `groups`, once for each way to be in it. The text is the same on purpose: a condition
 * that is the same for both does not ask for the type.
 */
const DIRECT: Row = trusted('g');
const INDIRECT: Row = trusted('g');

/** `type` of such an element. */
export const membershipType = (row: Row): string => (row === INDIRECT ? 'indirect' : 'direct');

const isSame = (left: Sql, right: Sql): boolean => left.text === right.text && left.values.every((value, index) => value === right.values[index]);

/**
 * Groups of the connection that a user is in, directly or through groups in groups, as `belongings` lists them. What is
 * nested is found from the groups downwards that satisfy the condition, in a query that does not know the user: no database
 * runs it once per user, and where nothing is nested it costs one look into an index for each of these groups.
 */
export const groupsOfUser = (scope: Scope, operands: Readonly<Record<string, Operand>>): TableElements => {
  const from = sql`from ${scope.table('members')} m join ${scope.table('groups')} g on g.id = m.group_id`;
  const mine = sql`${ofConnection(scope, 'g')} and m.member_type = 'User'`;
  const direct = {
    row: (object: Row, is: Sql) => sql`exists (select 1 ${from} where m.member_id = ${object}.scim_id and ${mine} and ${is})`,
    driver: (is: Sql) => sql`select x.id as object_id ${from} join ${scope.objects} x on x.scim_id = m.member_id where ${mine} and ${is}`,
  };
  const parts = (condition: (row: Row) => Sql): { is: Sql; nested: Nested | null } => {
    const is = condition(DIRECT);
    const through = condition(INDIRECT);
    // Who is in a group through another one is in that one directly.
    if (is === TRUE || through === FALSE) return { is, nested: null };
    return { is, nested: isSame(is, through) ? anyhow(scope, through) : onlyThroughOthers(scope, through) };
  };
  return new TableElements(scope, {
    operands,
    single: false,
    row: (object, condition) => {
      const { is, nested } = parts(condition);
      const isDirect = is === FALSE ? FALSE : direct.row(object, is);
      return nested === null ? isDirect : or(isDirect, nested.row(object));
    },
    driver: (condition) => {
      const { is, nested } = parts(condition);
      if (nested === null) return direct.driver(is);
      return is === FALSE ? nested.driver : unionAll([direct.driver(is), nested.driver]);
    },
  });
};

/** The canonical user is in the groups of all connections. */
const ofConnection = ({ own, connectionId }: Scope, alias: 'g' | 'c'): Sql => (own === undefined ? sql`${trusted(alias)}.connection_id = ${connectionId}` : TRUE);

/** A join that SQLite and MySQL do in the order it is written: downwards. PostgreSQL finds it by its statistics. */
const inThisOrder = ({ dialect }: Scope): Sql => trusted(dialect.client === 'mysql' ? 'straight_join' : 'cross join');

interface Nested {
  row(object: Row): Sql;
  driver: Sql;
}

/** Members of groups in those that satisfy the condition, whether or not they are in these directly too. */
function anyhow(scope: Scope, condition: Sql): Nested {
  const members = scope.table('members');
  const then = inThisOrder(scope);
  const below = closure(scope, condition, false);
  return {
    row: (object) =>
      sql`exists (select 1 from ${members} m where m.member_id = ${object}.scim_id and m.member_type = 'User' and m.group_id in (select n.group_id from (${below}) n))`,
    driver: sql`select x.id as object_id from (${below}) n ${then} ${members} m ${then} ${scope.objects} x where m.group_id = n.group_id and m.member_type = 'User' and x.scim_id = m.member_id`,
  };
}

/** Those of them who are not in the group of the condition directly: a direct membership is the one that is told. */
function onlyThroughOthers(scope: Scope, condition: Sql): Nested {
  const members = scope.table('members');
  const then = inThisOrder(scope);
  const below = closure(scope, condition, true);
  const isMember = sql`m.group_id = n.group_id and m.member_type = 'User' and not exists (select 1 from ${members} o where o.group_id = n.root_id and o.member_type = 'User' and o.member_id = m.member_id)`;
  return {
    // The members first: SQLite keeps a table it made itself only where that is not the first one.
    row: (object) => sql`exists (select 1 from ${members} m ${then} (${below}) n where m.member_id = ${object}.scim_id and ${isMember})`,
    driver: sql`select x.id as object_id from (${below}) n ${then} ${members} m ${then} ${scope.objects} x where ${isMember} and x.scim_id = m.member_id`,
  };
}

/**
 * `group_id` of the groups in those that satisfy the condition, however deep; with `root_id` if it is asked for. It starts
 * with what is in a group, not with the group: usually that is nothing. The level is part of a row and has an end, so
 * circles have one.
 */
function closure(scope: Scope, condition: Sql, withRoot: boolean): Sql {
  const [members, groups] = [scope.table('members'), scope.table('groups')];
  const then = inThisOrder(scope);
  const inner = sql`e.member_type = 'Group' and c.scim_id = e.member_id and ${ofConnection(scope, 'c')}`;
  const [columns, first, later] = withRoot ? ['root_id, group_id', 'g.id, c.id', 'b.root_id, c.id'] : ['group_id', 'c.id', 'c.id'];
  return sql`with recursive below(${trusted(columns)}, depth) as (
    select ${trusted(first)}, 1 from ${groups} g ${then} ${members} e ${then} ${groups} c
    where ${ofConnection(scope, 'g')} and ${condition} and e.group_id = g.id and ${inner}
    union
    select ${trusted(later)}, b.depth + 1 from below b ${then} ${members} e ${then} ${groups} c
    where b.depth < ${trusted(String(MAX_NESTING))} and e.group_id = b.group_id and ${inner}
  ) select distinct ${trusted(columns)} from below`;
}
