import type { Resource } from '../../domain/resource/resource';
import { invalidValue } from '../messages/error';
import { isObject, keyAnyCase, ownValue, type PlainObject } from '../schema/json';
import type { WorkBudget } from './work-budget';
import { TOLERANT, type Acceptance } from '../schema/acceptance';
import { typeDefinition, type TypeRef } from '../schema/resource-types';

/**
 * The resource while operations are applied to it. It and its extensions are copied once and written to, the values in
 * them are replaced: nothing of the input changes, so that a request that fails midway leaves it as it was.
 */
export class Draft {
  private readonly resource: Resource;
  /** Extensions that are copies of our own. */
  private readonly own = new WeakSet<PlainObject>();

  constructor(
    input: Resource,
    readonly type: TypeRef,
    readonly work: WorkBudget,
    readonly acceptance: Acceptance = TOLERANT
  ) {
    this.resource = { ...input };
  }

  get(extension: string | null, name: string): unknown {
    const container = extension === null ? this.resource : ownValue(this.resource, extension);
    return isObject(container) ? ownValue(container, name) : undefined;
  }

  /** Undefined unassigns. An extension that has no attribute left goes, with its URN in `schemas`. */
  set(extension: string | null, name: string, value: unknown): void {
    if (extension === null) {
      this.assign(name, value);
      return;
    }
    const present = ownValue(this.resource, extension);
    const container = isObject(present) && this.own.has(present) ? present : { ...(isObject(present) ? present : {}) };
    this.own.add(container);
    assign(container, name, value);
    if (isEmpty(container)) this.removeExtension(extension);
    else this.assign(extension, container);
  }

  removeExtension(urn: string): void {
    this.assign(urn, undefined);
    this.work.visit(this.resource.schemas);
    this.resource.schemas = this.resource.schemas.filter((schema) => schema.toLowerCase() !== urn.toLowerCase());
  }

  addSchemas(urns: readonly string[]): void {
    this.work.visit(this.resource.schemas);
    this.resource.schemas = [...new Set([...this.resource.schemas, ...urns])];
  }

  /** Spelling under which the resource already holds an attribute or an extension. */
  spelling(extension: string | null, name: string): string | null {
    const container = extension === null ? this.resource : ownValue(this.resource, extension);
    if (!isObject(container)) return null;
    if (!Object.hasOwn(container, name)) this.work.spend(1 + (Object.keys(container).length >> 3));
    return keyAnyCase(container, name);
  }

  private assign(name: string, value: unknown): void {
    if (name !== 'schemas') assign(this.resource, name, value);
  }

  finish(): Resource {
    const { core } = typeDefinition(this.type);
    for (const { name, required } of core.attributes) {
      const value = this.resource[name];
      if (required && (typeof value !== 'string' || value.trim() === '')) throw invalidValue(name, 'is required.');
    }
    const extensions = Object.keys(this.resource).filter((name) => name.includes(':'));
    const { schemas } = this.resource;
    const wanted = [...schemas, ...(schemas.includes(core.id) ? [] : [core.id]), ...extensions];
    this.resource.schemas = [...new Set(wanted)];
    return this.resource;
  }
}

/** The name must be one that may become a key. */
function assign(object: PlainObject, name: string, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(object, name);
  else object[name] = value;
}

function isEmpty(object: PlainObject): boolean {
  for (const _name in object) return false;
  return true;
}
