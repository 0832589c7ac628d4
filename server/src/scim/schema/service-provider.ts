import { attribute, complex, type AttributeDefinition, type SchemaDefinition } from './definition';
import { RESOURCE_TYPE_URN, SCHEMA_URN, SERVICE_PROVIDER_CONFIG_URN } from './urns';

type Characteristics = Parameters<typeof attribute>[2];

/** What discovery answers is the server's alone. */
const told = (name: string, description: string, characteristics: Characteristics = {}): AttributeDefinition =>
  attribute(name, description, { mutability: 'readOnly', ...characteristics });

const group = (name: string, description: string, subAttributes: readonly AttributeDefinition[], characteristics: Characteristics = {}): AttributeDefinition =>
  complex(name, description, subAttributes, { mutability: 'readOnly', required: true, ...characteristics });

const REQUIRED = { required: true } as const;
const YES_OR_NO = { type: 'boolean', required: true } as const;
const COUNT = { type: 'integer', required: true } as const;
const URI = { type: 'reference', referenceTypes: ['uri'], required: true, caseExact: true } as const;
const LINK = { type: 'reference', referenceTypes: ['external'], caseExact: true } as const;

const supported = told('supported', 'Whether the feature is supported.', YES_OR_NO);
const feature = (name: string, description: string, ...more: AttributeDefinition[]): AttributeDefinition => group(name, description, [supported, ...more]);

/** RFC 7643 section 5, and RFC 9865 section 4 for `pagination`. */
const serviceProviderConfig: SchemaDefinition = {
  id: SERVICE_PROVIDER_CONFIG_URN,
  name: 'ServiceProviderConfig',
  description: 'What this server can do',
  attributes: [
    told('documentationUri', 'Where people read about this server.', LINK),
    feature('patch', 'PATCH.'),
    feature(
      'bulk',
      'Bulk.',
      told('maxOperations', 'Most operations in one request.', COUNT),
      told('maxPayloadSize', 'Largest body of a request, in bytes.', COUNT)
    ),
    feature('filter', 'Filters.', told('maxResults', 'Most resources in one answer.', COUNT)),
    feature('changePassword', 'Passwords can be written.'),
    feature('sort', 'Sorted lists.'),
    feature('etag', 'Versions of resources (ETag).'),
    group(
      'pagination',
      'How lists are paged.',
      [
        told('cursor', 'Pages by cursor.', YES_OR_NO),
        told('index', 'Pages by index.', YES_OR_NO),
        told('defaultPaginationMethod', 'What a request gets that asks for neither.', { canonicalValues: ['cursor', 'index'] }),
        told('defaultPageSize', 'Resources of a page when no count is asked for.', { type: 'integer' }),
        told('maxPageSize', 'Most resources of a page.', { type: 'integer' }),
      ],
      { required: false }
    ),
    group(
      'authenticationSchemes',
      'How a client proves who it is.',
      [
        told('type', 'The scheme.', { required: true, canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'] }),
        told('name', 'Its name.', REQUIRED),
        told('description', 'What it is.', REQUIRED),
        told('specUri', 'Where it is specified.', LINK),
        told('documentationUri', 'How to use it here.', LINK),
        told('primary', 'The preferred one.', { type: 'boolean' }),
      ],
      { multiValued: true }
    ),
  ],
};

/** RFC 7643 section 6. */
const resourceType: SchemaDefinition = {
  id: RESOURCE_TYPE_URN,
  name: 'ResourceType',
  description: 'A kind of resource',
  attributes: [
    told('id', 'Its id.', { caseExact: true }),
    told('name', 'Its name.', REQUIRED),
    told('description', 'What it is.'),
    told('endpoint', 'Where its resources are, relative to the base URL.', URI),
    told('schema', 'Its main schema.', URI),
    group(
      'schemaExtensions',
      'Schemas that extend it.',
      [told('schema', 'The extension.', URI), told('required', 'Whether every resource has it.', YES_OR_NO)],
      { multiValued: true, required: false }
    ),
  ],
};

/** RFC 7643 section 7. Sub-attributes have no sub-attributes of their own. */
const characteristics: readonly AttributeDefinition[] = [
  told('name', 'The name.', { ...REQUIRED, caseExact: true }),
  told('type', 'The type of its values.', {
    required: true,
    canonicalValues: ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary', 'complex'],
  }),
  told('multiValued', 'Whether it has several values.', YES_OR_NO),
  told('description', 'What it is.'),
  told('required', 'Whether every resource has it.', { type: 'boolean' }),
  told('canonicalValues', 'Values it usually has.', { multiValued: true, caseExact: true }),
  told('caseExact', 'Whether upper and lower case differ.', { type: 'boolean' }),
  told('mutability', 'Who may write it.', { caseExact: true, canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'] }),
  told('returned', 'When it is answered.', { caseExact: true, canonicalValues: ['always', 'never', 'default', 'request'] }),
  told('uniqueness', 'Among which resources a value is unique.', { caseExact: true, canonicalValues: ['none', 'server', 'global'] }),
  told('referenceTypes', 'What a reference points at.', { multiValued: true, caseExact: true }),
];

const schema: SchemaDefinition = {
  id: SCHEMA_URN,
  name: 'Schema',
  description: 'The attributes of a kind of resource',
  attributes: [
    told('id', 'Its URI.', URI),
    told('name', 'Its name.'),
    told('description', 'What it is.'),
    group(
      'attributes',
      'Its attributes.',
      [...characteristics, group('subAttributes', 'What the values are made of.', characteristics, { multiValued: true, required: false })],
      { multiValued: true }
    ),
  ],
};

/** Schemas of what discovery itself answers (RFC 7643 section 8.7.2); clients generate their models from them. */
export const SERVICE_PROVIDER_SCHEMAS: readonly SchemaDefinition[] = [serviceProviderConfig, resourceType, schema];
