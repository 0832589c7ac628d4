import type { Resource } from '../../domain/resource/resource';
import type { AttributeDefinition } from '../../scim/schema/definition';
import { isObject, ownValue, type PlainObject } from '../../scim/schema/json';
import type { ResourceTypeDefinition } from '../../scim/schema/resource-types';
import { STRAPI_USER_URN } from '../../scim/schema/urns';
import { withoutDerivedRef } from './managers';

const valuesOf = (resource: Resource | null): PlainObject => {
  const values = resource === null ? undefined : resource[STRAPI_USER_URN];
  return isObject(values) ? values : {};
};

/**
 * The wanted state of what the account or other users are the truth of. The Strapi extension: the account is its truth, and a provider changes of it what the connection
 * may write. readOnly attributes keep their values (RFC 7643 section 2.2), names the schema does not have are not
 * kept. `wrote`: for PUT, what this connection wrote before and may clear by leaving it out; null where leaving out says
 * nothing of it (POST) or `wanted` started from `current` (PATCH).
 */
export function settleDerived(wanted: Resource, current: Resource | null, type: ResourceTypeDefinition, wrote: Resource | null = null): Resource {
  const desired = withoutDerivedRef(wanted);
  const schema = type.extensions.find(({ id }) => id === STRAPI_USER_URN);
  if (schema === undefined) return desired;
  const sent = valuesOf(desired);
  const present = valuesOf(current);
  const values: PlainObject = {};
  for (const attribute of schema.attributes) {
    const { name } = attribute;
    const keeps = attribute.mutability === 'readOnly' || (wrote !== null && sent[name] === undefined && ownValue(valuesOf(wrote), name) === undefined);
    const value = keeps ? ownValue(present, name) : canonical(attribute, ownValue(sent, name));
    if (value !== undefined) values[name] = value;
  }
  const { [STRAPI_USER_URN]: _sent, ...rest } = desired;
  const schemas = desired.schemas.filter((urn) => urn !== STRAPI_USER_URN);
  return Object.keys(values).length === 0 ? { ...rest, schemas } : { ...rest, schemas: [...schemas, STRAPI_USER_URN], [STRAPI_USER_URN]: values };
}

/** One spelling for one moment: Strapi's. Else a provider that writes another would change the user with every request. */
function canonical(attribute: AttributeDefinition, value: unknown): unknown {
  if (attribute.type === 'dateTime' && typeof value === 'string' && !Number.isNaN(Date.parse(value))) return new Date(value).toISOString();
  if (attribute.type !== 'complex') return value;
  if (Array.isArray(value)) return value.map((part: unknown) => canonical({ ...attribute, multiValued: false }, part));
  if (!isObject(value)) return value;
  const subs = new Map(attribute.subAttributes?.map((sub) => [sub.name, sub]));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const sub = subs.get(name);
      return sub === undefined ? [] : [[name, canonical(sub, member)]];
    })
  );
}
