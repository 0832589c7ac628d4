import type { Population } from '../../contracts/connection';
import { SCOPE_URN } from '../../domain/scope/subject';
import type { NamedAttribute } from '../../scim/filter/attributes';
import { qualifiedName } from '../../scim/filter/indexed-values';
import { STRAPI_USER_URN } from '../../scim/schema/urns';
import type { AccountAdapter } from '../accounts/account-adapter';
import { scimId } from './attribute-sources';
import type { ElementCondition, Elements, Scope } from './elements';
import { groupsOfUser } from './group-elements';
import { and, sql, trusted, TRUE, type Sql } from './sql';
import { inScope, ownColumns, TableElements, type Operand } from './table-elements';
import { COST, type Row, type Term } from './term';
import { ValueElements } from './value-elements';

/** The database cannot answer this clause exactly: its values are in no column that compares as SCIM does. */
export class NotInDatabase extends Error {}

/** Attributes that the account itself holds and the index of values only where a provider is linked to it. */
const OF_ACCOUNT: Readonly<Record<Population, ReadonlySet<string>>> = { 'end-users': new Set(), 'admin-users': new Set(['name']) };

/** The account's own, whatever a provider wrote; `active` too, because a provider may see another one. */
const SHARED: ReadonlySet<string> = new Set(['username', 'active']);

/** Where accounts are, for clauses that ask their columns. */
export interface AccountSource {
  accounts: AccountAdapter;
  /** A table's name for SQL that is written out. */
  table(name: string): Sql;
}

/** Values of the canonical user: what the first provider wrote, else the account. Each row is asked, none is found by them. */
class CanonicalValues extends ValueElements {
  constructor(
    private readonly own: Scope,
    private readonly attributeName: string,
    definition: NamedAttribute['definition']
  ) {
    super(own, attributeName, definition);
  }

  override some(condition: ElementCondition): Term {
    const term = super.some(condition);
    return { ...term, driver: null, rest: term.row, cost: COST.none };
  }

  protected override connectionOf(object: Row): Sql {
    if (SHARED.has(this.attributeName)) return trusted('0');
    return sql`coalesce((select k.connection_id from ${this.own.table('links')} k where k.object_type = 'User' and k.local_id = ${object}.scim_id and k.kept is not null order by k.id limit 1), 0)`;
  }
}

/** Where the canonical user's values are. `onIndexed` is told when the index of values is asked. Throws NotInDatabase. */
export function canonicalElements(source: AccountSource, population: Population, onIndexed: () => void): (named: NamedAttribute, scope: Scope) => Elements {
  return (named, scope) => {
    if (named.schema === SCOPE_URN) return virtual(named.name, source, scope);
    if (named.schema === STRAPI_USER_URN) return siteField(named, source, scope);
    const name = qualifiedName(named.schema, named.name);
    if (OF_ACCOUNT[population].has(name)) throw new NotInDatabase(named.name);
    if (name !== 'username') onIndexed();
    return new CanonicalValues(scope, name, named.definition);
  };
}

const column =
  (name: string) =>
  (row: Row): Sql =>
    sql`${row}.${trusted(name)}`;

/** PostgreSQL has booleans, the others numbers. */
const truth =
  (name: string) =>
  (row: Row): Sql =>
    sql`case when ${column(name)(row)} then 'true' else 'false' end`;

function virtual(name: string, source: AccountSource, scope: Scope): Elements {
  const { rows } = source.accounts;
  switch (name) {
    case 'created':
      return ownColumns(scope, { '': { kind: 'number', of: column('created_at') } });
    case 'group':
      return groupsOfUser(scope, { '': scimId(scope, '') });
    case 'role':
      return roles(source, scope);
    case 'provider':
      return scope.population === 'end-users' ? exactText(source, scope, rows.columnOf('provider')) : nothing(scope);
    default:
      return scope.population === 'end-users' ? accountColumn(source, scope, { '': { kind: 'text', of: truth(rows.columnOf('confirmed')) } }, () => TRUE) : nothing(scope);
  }
}

/** Only what the database compares as SCIM does: text without regard to case is not. */
function siteField({ name, definition }: NamedAttribute, source: AccountSource, scope: Scope): Elements {
  const field = source.accounts.extension.fields.find((one) => one.name === name);
  if (field === undefined || field.component !== null) throw new NotInDatabase(name);
  const at = source.accounts.rows.columnOf(field.name);
  const present = (row: Row): Sql => sql`${column(at)(row)} is not null`;
  if (field.strapiType === 'boolean') return accountColumn(source, scope, { '': { kind: 'text', of: truth(at) } }, present);
  if (field.strapiType === 'integer') return accountColumn(source, scope, { '': { kind: 'number', of: column(at) } }, present);
  if (definition.caseExact && EXACT_TEXT.has(field.strapiType)) return exactText(source, scope, at);
  throw new NotInDatabase(name);
}

const EXACT_TEXT: ReadonlySet<string> = new Set(['string', 'email', 'uid', 'enumeration']);

function exactText(source: AccountSource, scope: Scope, at: string): Elements {
  const text = (row: Row): Sql => scope.dialect.exact(column(at)(row));
  return accountColumn(source, scope, { '': { kind: 'text', of: text } }, (row) => sql`${column(at)(row)} is not null and ${text(row)} <> ''`);
}

function accountColumn({ accounts, table }: AccountSource, scope: Scope, operands: Readonly<Record<string, Operand>>, present: (row: Row) => Sql): Elements {
  const a = trusted('a');
  const from = sql`${table(accounts.rows.table)} a`;
  return new TableElements(scope, {
    operands,
    single: true,
    row: (object, condition) => sql`exists (select 1 from ${from} where a.id = ${object}.account_id and ${and(present(a), condition(a))})`,
    driver: (condition) => sql`select x.id as object_id from ${from} join ${scope.objects} x on x.account_id = a.id where ${and(inScope(scope, trusted('x')), present(a), condition(a))}`,
  });
}

function roles({ accounts, table }: AccountSource, scope: Scope): Elements {
  const link = accounts.rows.roleLink;
  const of = column(link.role);
  const r = trusted('r');
  const from = sql`${table(link.table)} r`;
  return new TableElements(scope, {
    operands: { '': { kind: 'number', of, indexed: true } },
    single: false,
    row: (object, condition) => sql`exists (select 1 from ${from} where r.${trusted(link.account)} = ${object}.account_id and ${condition(r)})`,
    driver: (condition) => sql`select x.id as object_id from ${from} join ${scope.objects} x on x.account_id = r.${trusted(link.account)} where ${and(inScope(scope, trusted('x')), condition(r))}`,
  });
}

const nothing = (scope: Scope): Elements => new TableElements(scope, { operands: {}, single: true, row: () => trusted('1 = 0'), driver: () => sql`select x.id as object_id from ${scope.objects} x where 1 = 0` });
