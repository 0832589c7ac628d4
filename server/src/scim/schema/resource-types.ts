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
  User: { name: 'User', endpoint: '/Users', description: 'User Account', core: userSchema, extensions: [enterpriseUserSchema] },
  Group: { name: 'Group', endpoint: '/Groups', description: 'Group', core: groupSchema, extensions: [] },
};

/**
 * A resource type where schemas matter: by name it has the standard schemas only; a connection's own definition has the
 * Strapi extension too.
 */
export type TypeRef = ObjectType | ResourceTypeDefinition;

export const typeDefinition = (type: TypeRef): ResourceTypeDefinition => (typeof type === 'string' ? RESOURCE_TYPES[type] : type);
