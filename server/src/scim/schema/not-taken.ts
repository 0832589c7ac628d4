import { patchPathIn } from '../filter/parser';
import { formatAttributePath } from '../filter/path';
import type { AttributeDefinition } from './definition';
import { isObject } from './json';
import { attributeNamed, extensionNamed } from './lookup';
import type { TypeRef } from './resource-types';
import { STRAPI_USER_URN } from './urns';

/**
 * Names of what a value says of the site's own extension and is not taken: the schema lists exactly the fields there are, so
 * that nothing else can be kept, and some of them a connection may only read. `name`: a key of a body, or a path.
 */
export function notTaken(type: TypeRef, name: string, value: unknown): string[] {
  const schema = name.toLowerCase().startsWith(STRAPI_USER_URN.toLowerCase()) ? extensionNamed(type, STRAPI_USER_URN) : null;
  if (schema === null) return [];
  const path = patchPathIn(name);
  if (path === null) return [];
  const behind = [formatAttributePath(path.path).slice(STRAPI_USER_URN.length), path.subAttribute ?? ''].join('.');
  const names = behind.split(/[.:]/).filter((part) => part !== '');
  const whole = names.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
  return untaken(schema.attributes, whole, `${schema.id}:`);
}

function untaken(attributes: readonly AttributeDefinition[] | undefined, value: unknown, prefix: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => untaken(attributes, item, prefix));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const attribute = attributeNamed(attributes, name);
    if (attribute === null || attribute.mutability === 'readOnly') return [`${prefix}${attribute?.name ?? name}`];
    return attribute.type === 'complex' ? untaken(attribute.subAttributes, member, `${prefix}${attribute.name}.`) : [];
  });
}
