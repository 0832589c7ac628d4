import { canonicalJson } from '../../domain/diff/canonical';
import type { Resource } from '../../domain/resource/resource';
import { quoted, ScimError } from '../messages/error';
import type { AttributeDefinition } from './definition';
import { isObject, ownValue, withMember } from './json';
import { typeDefinition, type ResourceTypeDefinition, type TypeRef } from './resource-types';

interface Place {
  extension: string | null;
  attribute: string;
  sub: string | null;
}

/** Sub-attributes of lists are left out: an element is replaced, never changed (RFC 7643 section 4.2 of `members`). */
function immutablePlaces(type: TypeRef): Place[] {
  const definition = typeDefinition(type);
  let places = PLACES.get(definition);
  if (places === undefined) PLACES.set(definition, (places = placesIn(definition)));
  return places;
}

/** Looked at with every change, and the same for as long as the definition lives. */
const PLACES = new WeakMap<ResourceTypeDefinition, Place[]>();

function placesIn({ core, extensions }: ResourceTypeDefinition): Place[] {
  const of = (extension: string | null, attributes: readonly AttributeDefinition[]): Place[] =>
    attributes.flatMap(({ name, mutability, multiValued, subAttributes }): Place[] => {
      if (mutability === 'immutable') return [{ extension, attribute: name, sub: null }];
      if (multiValued) return [];
      return (subAttributes ?? []).filter((sub) => sub.mutability === 'immutable').map((sub) => ({ extension, attribute: name, sub: sub.name }));
    });
  return [...of(null, core.attributes), ...extensions.flatMap((schema) => of(schema.id, schema.attributes))];
}

function valueAt(resource: Resource, { extension, attribute, sub }: Place): unknown {
  const container = extension === null ? resource : ownValue(resource, extension);
  const value = isObject(container) ? ownValue(container, attribute) : undefined;
  return sub === null ? value : isObject(value) ? ownValue(value, sub) : undefined;
}

function withValueAt(resource: Resource, { extension, attribute, sub }: Place, value: unknown): Resource {
  const inside = (container: unknown): Record<string, unknown> => {
    const object = isObject(container) ? container : {};
    const present = ownValue(object, attribute);
    return withMember(object, attribute, sub === null ? value : withMember(isObject(present) ? present : {}, sub, value));
  };
  if (extension === null) return { ...inside(resource), schemas: resource.schemas };
  return { ...resource, [extension]: inside(ownValue(resource, extension)), schemas: [...new Set([...resource.schemas, extension])] };
}

/** RFC 7643 section 2.2: what is immutable cannot change or go once it is set. */
export function refuseImmutableChanges(current: Resource, desired: Resource, type: TypeRef): void {
  for (const place of immutablePlaces(type)) {
    const present = valueAt(current, place);
    if (present === undefined || canonicalJson(present) === canonicalJson(valueAt(desired, place))) continue;
    const path = `${place.extension === null ? '' : `${place.extension}:`}${place.attribute}${place.sub === null ? '' : `.${place.sub}`}`;
    throw new ScimError(400, `${quoted(path)} is immutable: it was set and cannot change.`, 'mutability', { attribute: path });
  }
}

/** RFC 7644 section 3.5.1, a PUT: an immutable attribute that is left out stays, one that differs is refused. */
export function carryImmutable(current: Resource, desired: Resource, type: TypeRef): Resource {
  let result = desired;
  for (const place of immutablePlaces(type)) {
    const present = valueAt(current, place);
    if (present !== undefined && valueAt(result, place) === undefined) result = withValueAt(result, place, present);
  }
  refuseImmutableChanges(current, result, type);
  return result;
}
