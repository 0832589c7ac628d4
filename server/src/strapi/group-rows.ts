import { ProvisioningError } from '../domain/errors';
import { normaliseName } from '../domain/identity/normalise';
import type { Resource } from '../domain/resource/resource';
import type { Group, GroupFields, Member } from '../ports/group-store';
import { parseJson, toJson, toNumber } from './database';

/** Rows of groups and members as the tables hold them. */
const NAME_LIMIT = 255;

export interface GroupRow {
  id: number;
  connection_id: number;
  scim_id: string;
  display_name: string;
  unique_name_norm: string | null;
  external_id: string | null;
  kept: string | null;
  version: number;
  created_at: number | string;
  updated_at: number | string;
}

export const toGroup = (row: GroupRow): Group => ({
  id: row.id,
  connectionId: row.connection_id,
  scimId: row.scim_id,
  displayName: row.display_name,
  externalId: row.external_id,
  kept: parseJson<Resource>(row.kept),
  version: row.version,
  created: toNumber(row.created_at),
  lastModified: toNumber(row.updated_at),
});

export interface MemberRow {
  id: number;
  member_type: string;
  member_id: string;
}

export const toMember = ({ member_type, member_id }: Pick<MemberRow, 'member_type' | 'member_id'>): Member => ({
  type: member_type === 'Group' ? 'Group' : 'User',
  id: member_id,
});

/** Columns of what a provider writes. Throws `invalid-value` for what does not fit. */
export function columnsOf(fields: GroupFields): Record<string, string | null> & { display_name_norm: string } {
  for (const [attribute, value] of [['displayName', fields.displayName], ['displayName', normaliseName(fields.displayName)], ['externalId', fields.externalId ?? '']] as const) {
    if (value.length > NAME_LIMIT) {
      throw new ProvisioningError('invalid-value', `${attribute}: longer than ${NAME_LIMIT} characters.`, { attribute });
    }
  }
  return {
    display_name: fields.displayName,
    display_name_norm: normaliseName(fields.displayName),
    external_id: fields.externalId,
    kept: toJson(fields.kept),
  };
}
