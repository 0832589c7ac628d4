import type { Resource } from '../../domain/resource/resource';
import { invalidValue } from '../messages/error';
import { isObject, keyAnyCase, ownValue, withMember } from '../schema/json';
import { TOLERANT, type Acceptance } from '../schema/acceptance';
import { typeDefinition, type TypeRef } from '../schema/resource-types';

/**
 * The resource while operations are applied to it. Copy on write: what changes is replaced on the way down, nothing of
 * the input is ever written to, so that a request that fails midway leaves it as it was.
 */
export class Draft {
  private resource: Resource;

  constructor(
    input: Resource,
    readonly type: TypeRef,
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
    const container = withMember(isObject(present) ? present : {}, name, value);
    if (Object.keys(container).length === 0) this.removeExtension(extension);
    else this.assign(extension, container);
  }

  removeExtension(urn: string): void {
    this.assign(urn, undefined);
    this.resource.schemas = this.resource.schemas.filter((schema) => schema.toLowerCase() !== urn.toLowerCase());
  }

  addSchemas(urns: readonly string[]): void {
    this.resource.schemas = [...new Set([...this.resource.schemas, ...urns])];
  }

  /** Spelling under which the resource already holds an attribute or an extension. */
  spelling(extension: string | null, name: string): string | null {
    const container = extension === null ? this.resource : ownValue(this.resource, extension);
    return isObject(container) ? keyAnyCase(container, name) : null;
  }

  private assign(name: string, value: unknown): void {
    this.resource = { ...withMember(this.resource, name, value), schemas: this.resource.schemas };
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
