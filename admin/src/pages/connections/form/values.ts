import type {
  ConnectionInfo,
  ConnectionInput,
  ConnectionUpdate,
  Direction,
  InboundPolicies,
  Population,
  RoleMode,
} from '../../../../../server/src/contracts/connection';

export interface MappingRow {
  /** Only for React: rows are added and removed in the middle. */
  key: string;
  groupName: string;
  roleId: number | null;
  priority: number;
  mode: RoleMode;
}

export interface ConnectionValues {
  name: string;
  direction: Direction;
  population: Population;
  system: string;
  preset: string;
  enabled: boolean;
  baseUrl: string;
  bearerToken: string;
  defaultRoleId: number | null;
  roleMappings: MappingRow[];
  /** Of an inbound connection that exists; a new one starts with the server's defaults. */
  policies: InboundPolicies | null;
}

let rows = 0;
export const newRow = (row: Partial<Omit<MappingRow, 'key'>> = {}): MappingRow => {
  rows += 1;
  return { key: `row-${rows}`, groupName: '', roleId: null, priority: 0, mode: 'authoritative', ...row };
};

export const emptyValues = (direction: Direction): ConnectionValues => ({
  name: '',
  direction,
  population: 'end-users',
  system: '',
  preset: 'generic',
  enabled: true,
  baseUrl: '',
  bearerToken: '',
  defaultRoleId: null,
  roleMappings: [],
  policies: null,
});

export const valuesOf = (connection: ConnectionInfo): ConnectionValues => ({
  name: connection.name,
  direction: connection.direction,
  population: connection.population,
  system: connection.system,
  preset: connection.preset,
  enabled: connection.enabled,
  // Of an inbound connection this is the address of Strapi, which nobody edits.
  baseUrl: connection.direction === 'outbound' ? connection.baseUrl : '',
  bearerToken: '',
  defaultRoleId: connection.defaultRoleId,
  roleMappings: connection.roleMappings.map((mapping) => newRow(mapping)),
  policies: connection.policies,
});

/** Only what was changed: somebody else may have changed another one meanwhile. */
const changedPolicies = (now: InboundPolicies, before: InboundPolicies): Partial<InboundPolicies> =>
  Object.fromEntries(
    Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof InboundPolicies]))
  );

/** Only the fields of the direction: the server refuses what does not belong to it. */
export const updateOf = (values: ConnectionValues, before: InboundPolicies | null = null): ConnectionUpdate => {
  const common = {
    name: values.name.trim(),
    preset: values.preset,
    enabled: values.enabled,
    // Empty means that the system has no other connection: the server then takes the name, and so does an update.
    system: values.system.trim() || values.name.trim(),
  };
  if (values.direction === 'outbound') {
    const bearerToken = values.bearerToken.trim();
    return { ...common, baseUrl: values.baseUrl.trim(), ...(bearerToken === '' ? {} : { bearerToken }) };
  }
  const policies = values.policies && before ? changedPolicies(values.policies, before) : null;
  return {
    ...common,
    defaultRoleId: values.defaultRoleId,
    roleMappings: values.roleMappings.flatMap(({ groupName, roleId, priority, mode }) =>
      roleId === null ? [] : [{ groupName: groupName.trim(), roleId, priority, mode }]
    ),
    ...(policies && Object.keys(policies).length > 0 ? { policies } : {}),
  };
};

export const inputOf = (values: ConnectionValues): ConnectionInput => ({
  ...updateOf(values),
  name: values.name.trim(),
  direction: values.direction,
  population: values.population,
});
