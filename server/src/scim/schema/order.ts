import { quoted, ScimError } from '../messages/error';
import type { AttributeDefinition } from './definition';
import { attributeNamed } from './lookup';

const ORDERED = new Set(['gt', 'ge', 'lt', 'le']);

/** RFC 7644 section 3.4.2.2, table 3: booleans and binaries have no order. A complex attribute compares by its `value`. */
export function refuseUnordered(definition: AttributeDefinition | null, operator: string, path: string): void {
  if (definition === null || !ORDERED.has(operator)) return;
  const compared = definition.type === 'complex' ? attributeNamed(definition.subAttributes, 'value') : definition;
  if (compared?.type !== 'boolean' && compared?.type !== 'binary') return;
  throw new ScimError(400, `The filter compares ${quoted(path)} with ${operator}; a ${compared.type} has no order.`, 'invalidFilter');
}
