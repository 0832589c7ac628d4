import { externalId } from './common';
import { attribute, complex, type SchemaDefinition } from './definition';
import { GROUP_URN } from './urns';

const immutable = { mutability: 'immutable' } as const;

/** RFC 7643 section 4.2. displayName need not be unique. */
export const groupSchema: SchemaDefinition = {
  id: GROUP_URN,
  name: 'Group',
  description: 'Group',
  attributes: [
    attribute('displayName', 'The name of the group.', { required: true }),
    externalId,
    complex(
      'members',
      'The members of the group.',
      [
        // An id is case-exact (section 3.1), so is what refers to one.
        attribute('value', 'The id of the member.', { ...immutable, caseExact: true }),
        attribute('$ref', 'The URI of the member.', { ...immutable, type: 'reference', referenceTypes: ['User', 'Group'], caseExact: true }),
        attribute('display', 'The name of the member.', immutable),
        attribute('type', 'The resource type of the member.', { ...immutable, canonicalValues: ['User', 'Group'] }),
      ],
      { multiValued: true }
    ),
  ],
};
