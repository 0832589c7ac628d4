import { nameAttribute, type NamedAttribute } from '../../scim/filter/attributes';
import { qualifiedName } from '../../scim/filter/indexed-values';
import type { AttributePath } from '../../scim/filter/ast';
import { unsearchable } from '../../scim/server/filter-rules';
import { undeclared } from '../../scim/schema/definition';
import { attributeKey } from './names';
import type { Elements, Scope } from './elements';
import { groupsOfUser, membershipType } from './group-elements';
import { sql, trusted, type Sql } from './sql';
import { linkColumns, membersOfGroup, ownColumns, type Operand } from './table-elements';
import type { Row } from './term';
import { ValueElements } from './value-elements';

/** Where the values of the attribute a path names are kept. */
export function elementsFor(path: AttributePath, scope: Scope): { elements: Elements; named: NamedAttribute } {
  const named = nameAttribute(path, scope.type);
  if (scope.own !== undefined) return { named, elements: scope.own(named, scope) };
  const name = qualifiedName(named.whole ? path.schema : named.schema, named.name);
  const sources = SOURCES[scope.objectType];
  // A name like `constructor` is no source, though every object answers to it.
  const own = named.schema === null && Object.hasOwn(sources, name) ? sources[name]?.(scope) : undefined;
  return { named, elements: own ?? new ValueElements(scope, name, named.definition) };
}

const column =
  (name: string) =>
  (row: Row): Sql =>
    sql`${row}.${trusted(name)}`;

export const scimId = ({ dialect }: Scope, prefix: string): Operand => ({
  kind: 'text',
  id: { column: column('scim_id'), prefix },
  of: (row) => dialect.exact(prefix === '' ? column('scim_id')(row) : dialect.concat(sql`${prefix}`, column('scim_id')(row))),
});

const id = (scope: Scope): Elements => ownColumns(scope, { '': scimId(scope, '') });

/** It tells of the user's groups too and is in no column: refused before a search is made, so none answers it wrongly. */
const USER_VERSION: Operand = {
  kind: 'text',
  of: () => {
    throw unsearchable('meta.version');
  },
};

function meta(scope: Scope): Elements {
  const { dialect, objectType } = scope;
  const castAs = trusted(dialect.client === 'mysql' ? 'char' : 'text');
  const exact = { ...undeclared('constant'), caseExact: true };
  return ownColumns(scope, {
    resourcetype: { kind: 'constant', value: objectType, definition: exact },
    created: { kind: 'number', of: column('created_at') },
    lastmodified: { kind: 'number', of: column('updated_at'), indexed: objectType === 'User' },
    location: scimId(scope, `${scope.baseUrl}/${objectType}s/`),
    version: objectType === 'User' ? USER_VERSION : { kind: 'text', of: (row) => dialect.exact(dialect.concat(trusted(`'W/"'`), sql`cast(${row}.version as ${castAs})`, trusted(`'"'`))) },
  });
}

const groups = (scope: Scope): Elements =>
  groupsOfUser(scope, {
    '': scimId(scope, ''),
    $ref: scimId(scope, `${scope.baseUrl}/Groups/`),
    display: { kind: 'text', of: column('display_name_norm'), indexed: true },
    type: { kind: 'constant', value: membershipType, definition: undeclared('type') },
  });

function members(scope: Scope): Elements {
  const { dialect } = scope;
  const member = column('member_id');
  const userName = (row: Row): Sql =>
    sql`select coalesce(n.long_text, n.text) from ${scope.table('identities')} u join ${scope.table('values')} n on n.object_id = u.id and n.object_type = 'User' and n.connection_id = 0 and n.attribute = ${attributeKey('User', 'username')} where u.scim_id = ${row}.member_id`;
  const groupName = (row: Row): Sql => sql`select g.display_name_norm from ${scope.table('groups')} g where g.scim_id = ${row}.member_id`;
  return membersOfGroup(scope, {
    '': { kind: 'text', id: { column: member, prefix: '' }, of: (row) => dialect.exact(member(row)) },
    $ref: {
      kind: 'text',
      of: (row) => dialect.exact(dialect.concat(sql`${`${scope.baseUrl}/`}`, sql`${row}.member_type`, trusted(`'s/'`), member(row))),
    },
    // Neither of them: a member that is gone has no name, and a text that is empty no present one.
    display: { kind: 'text', of: (row) => dialect.exact(sql`coalesce((${userName(row)}), (${groupName(row)}), '')`) },
    type: { kind: 'text', of: (row) => dialect.exact(sql`lower(${row}.member_type)`) },
  });
}

/** Attributes that are not rows of the index, by their name in lower case. */
const SOURCES: Readonly<Record<Scope['objectType'], Readonly<Record<string, (scope: Scope) => Elements>>>> = {
  User: {
    id,
    meta,
    groups,
    externalid: (scope) => linkColumns(scope, { '': { kind: 'text', of: column('external_id'), indexed: true } }),
  },
  Group: {
    id,
    meta,
    members,
    externalid: (scope) => ownColumns(scope, { '': { kind: 'text', of: column('external_id'), indexed: true } }, 'external_id'),
    displayname: (scope) => ownColumns(scope, { '': { kind: 'text', of: column('display_name_norm'), indexed: true } }),
  },
};
