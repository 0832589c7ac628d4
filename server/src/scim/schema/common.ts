import { attribute, complex, type AttributeDefinition } from './definition';

/** RFC 7643 section 3.1. */
export const externalId: AttributeDefinition = attribute('externalId', 'The identifier the provisioning client gave to the resource.', {
  caseExact: true,
});

const derived = { mutability: 'readOnly' } as const;

/** Attributes every resource has (RFC 7643 sections 3 and 3.1); `externalId` is listed with each schema instead. */
export const COMMON_ATTRIBUTES: readonly AttributeDefinition[] = [
  attribute('schemas', 'URIs of the schemas of the resource.', { type: 'reference', multiValued: true, returned: 'always', referenceTypes: ['uri'] }),
  attribute('id', 'The identifier the service provider gave to the resource.', {
    ...derived,
    caseExact: true,
    returned: 'always',
    uniqueness: 'server',
  }),
  complex(
    'meta',
    'Metadata of the resource.',
    [
      attribute('resourceType', 'The name of the resource type.', { ...derived, caseExact: true }),
      attribute('created', 'When the resource was added.', { ...derived, type: 'dateTime' }),
      attribute('lastModified', 'When the resource was last changed.', { ...derived, type: 'dateTime' }),
      attribute('location', 'The URI of the resource.', { ...derived, type: 'reference', referenceTypes: ['uri'], caseExact: true }),
      attribute('version', 'The version of the resource.', { ...derived, caseExact: true }),
    ],
    derived
  ),
];
