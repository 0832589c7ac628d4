import type { Resource } from '../../domain/resource/resource';
import { undeclared, type AttributeDefinition } from '../schema/definition';
import { attributeNamed, isCoreUrn, resolvePath } from '../schema/lookup';
import type { TypeRef } from '../schema/resource-types';
import { isPresent } from './compare';
import type { AttributePath } from './ast';

/** A value of a resource with the definition that says how it compares; undefined where it is unassigned. */
export interface Operand {
  value: unknown;
  definition: AttributeDefinition;
}

/** Which attribute a path names. */
export interface NamedAttribute {
  /** URN in front of it; null for the core schema and for undeclared attributes without one. As in the schema, else as written. */
  schema: string | null;
  name: string;
  definition: AttributeDefinition;
  declared: boolean;
  /** The path names a whole extension, which can only be present or not. */
  whole: boolean;
}

/** The core schema's URN may stand in front of anything that needs none. */
export function nameAttribute(path: AttributePath, type: TypeRef): NamedAttribute {
  const resolved = resolvePath({ ...path, subAttribute: null }, type);
  if (resolved === null) {
    const schema = path.schema === null || isCoreUrn(type, path.schema) ? null : path.schema;
    return { schema, name: path.attribute, definition: undeclared(path.attribute), declared: false, whole: false };
  }
  if (resolved.attribute === null) {
    return { schema: path.schema, name: path.attribute, definition: undeclared(path.attribute), declared: true, whole: true };
  }
  return { schema: resolved.extension, name: resolved.attribute.name, definition: resolved.attribute, declared: true, whole: false };
}

/** The elements of an attribute that hold something; of a single-valued one at most one. */
export function attributeOf(path: AttributePath, resource: Resource, type: TypeRef): { elements: unknown[]; definition: AttributeDefinition } {
  const named = nameAttribute(path, type);
  const { definition } = named;
  if (named.whole) return { elements: wholeOf(resource, named), definition };
  if (named.declared) {
    const container = named.schema === null ? resource : anyCase(resource, named.schema);
    return { elements: elementsOf(own(container, named.name)), definition };
  }
  // What no schema declares is found by its name alone, without regard to case.
  const container = named.schema === null ? resource : anyCase(resource, named.schema);
  const elements = elementsOf(anyCase(container, named.name));
  return { elements: elements.length === 0 && named.schema !== null ? wholeOf(resource, named) : elements, definition };
}

/** An extension as a whole is opaque: its attributes have names of their own. */
function wholeOf(resource: Resource, { schema, name }: NamedAttribute): unknown[] {
  const container = anyCase(resource, `${schema}:${name}`);
  return isPresent(container) ? [[container]] : [];
}

/** A sub-attribute of one element. `value` of a plain element is the element itself. */
export function subAttributeOf(element: unknown, definition: AttributeDefinition, name: string): Operand {
  const sub = subDefinition(definition, name);
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    return { value: name.toLowerCase() === 'value' && isPresent(element) ? element : undefined, definition: sub };
  }
  const declared = attributeNamed(definition.subAttributes, name);
  const value = declared === null ? anyCase(element, name) : own(element, declared.name);
  return { value: isPresent(value) ? value : undefined, definition: sub };
}

/** How a sub-attribute compares; `value` of an attribute without sub-attributes as the attribute itself. */
export function subDefinition(definition: AttributeDefinition, name: string): AttributeDefinition {
  const declared = attributeNamed(definition.subAttributes, name);
  if (declared !== null) return declared;
  return name.toLowerCase() === 'value' && definition.type !== 'complex' ? definition : undeclared(name);
}

export const elementsOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]).filter(isPresent);

function own(container: unknown, name: string): unknown {
  if (typeof container !== 'object' || container === null || !Object.hasOwn(container, name)) return undefined;
  return (container as Record<string, unknown>)[name];
}

function anyCase(container: unknown, name: string): unknown {
  if (typeof container !== 'object' || container === null || Array.isArray(container)) return undefined;
  const wanted = name.toLowerCase();
  const key = Object.keys(container).find((candidate) => candidate.toLowerCase() === wanted);
  return key === undefined ? undefined : own(container, key);
}
