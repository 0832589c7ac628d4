import type { ObjectType } from '../../contracts/operation';
import type { SchemaDefinition } from './definition';
import { enterpriseUserSchema } from './enterprise-user';
import { groupSchema } from './group';
import { userSchema } from './user';

/** RFC 7643 section 6. */
export interface ResourceTypeDefinition {
  name: ObjectType;
  endpoint: string;
  description: string;
  core: SchemaDefinition;
  extensions: readonly SchemaDefinition[];
}

export const RESOURCE_TYPES: Readonly<Record<ObjectType, ResourceTypeDefinition>> = {
  User: { name: 'User', endpoint: '/Users', description: 'User account', core: userSchema, extensions: [enterpriseUserSchema] },
  Group: { name: 'Group', endpoint: '/Groups', description: 'Group', core: groupSchema, extensions: [] },
};

export const SCHEMAS: readonly SchemaDefinition[] = [userSchema, enterpriseUserSchema, groupSchema];
