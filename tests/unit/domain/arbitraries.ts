/** Random SCIM resources: valid enough for the domain, odd enough to find what nobody thought of. */
import fc from 'fast-check';
import type { Resource } from '../../../server/src/domain/resource/resource';

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const unassigned = fc.constantFrom(undefined, null, '');
export const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined | ''> => fc.oneof(value, unassigned);

const email = fc.record({ value: text, type: fc.constantFrom('work', 'home'), primary: fc.boolean() }, { requiredKeys: ['value'] });

export const resource: fc.Arbitrary<Resource> = fc
  .record(
    {
      userName: text,
      active: fc.boolean(),
      displayName: optional(text),
      title: optional(text),
      externalId: text,
      emails: fc.oneof(fc.uniqueArray(email, { maxLength: 3, selector: (item) => item.value }), unassigned),
      name: fc.record({ givenName: optional(text), familyName: optional(text) }, { requiredKeys: [] }),
      [ENTERPRISE]: fc.record({ department: optional(text), manager: fc.record({ value: optional(text) }, { requiredKeys: [] }) }, { requiredKeys: [] }),
    },
    { requiredKeys: [] }
  )
  .map((attributes) => ({ schemas: [], ...attributes }) as Resource);
