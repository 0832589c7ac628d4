import { attribute, complex, plural, type SchemaDefinition } from './definition';
import { externalId } from './common';
import { USER_URN } from './urns';

const text = attribute;

const name = complex('name', 'The components of the person’s name.', [
  text('formatted', 'The full name, formatted for display.'),
  text('familyName', 'The family name, or last name.'),
  text('givenName', 'The given name, or first name.'),
  text('middleName', 'The middle name or names.'),
  text('honorificPrefix', 'Honorific prefix or title, such as “Ms.”.'),
  text('honorificSuffix', 'Honorific suffix, such as “III”.'),
]);

const addresses = complex(
  'addresses',
  'Physical mailing addresses.',
  [
    text('formatted', 'The full address, formatted for display or a label.'),
    text('streetAddress', 'Street, house number, PO box.'),
    text('locality', 'City or locality.'),
    text('region', 'State or region.'),
    text('postalCode', 'Postal code.'),
    text('country', 'Country, ISO 3166-1 alpha-2.'),
    text('type', 'A label of the kind of address.', { canonicalValues: ['work', 'home', 'other'] }),
    text('primary', 'The preferred address; true for at most one.', { type: 'boolean' }),
  ],
  { multiValued: true }
);

const groups = complex(
  'groups',
  'Groups the user belongs to. Changed through the groups.',
  [
    text('value', 'The id of the group.', { mutability: 'readOnly', caseExact: true }),
    text('$ref', 'The URI of the group.', { type: 'reference', referenceTypes: ['User', 'Group'], mutability: 'readOnly', caseExact: true }),
    text('display', 'The name of the group.', { mutability: 'readOnly' }),
    text('type', 'Direct or through another group.', { canonicalValues: ['direct', 'indirect'], mutability: 'readOnly' }),
  ],
  { multiValued: true, mutability: 'readOnly' }
);

/** RFC 7643 section 4.1, with `externalId` listed because Entra ID looks for it in /Schemas. */
export const userSchema: SchemaDefinition = {
  id: USER_URN,
  name: 'User',
  description: 'User Account',
  attributes: [
    text('userName', 'The name the person signs in with.', { required: true, uniqueness: 'server' }),
    externalId,
    name,
    text('displayName', 'The name shown to other people.'),
    text('nickName', 'The casual way to address the person.'),
    text('profileUrl', 'The address of the person’s online profile.', { type: 'reference', referenceTypes: ['external'], caseExact: true }),
    text('title', 'The person’s title, such as “Vice President”.'),
    text('userType', 'The relationship between organisation and person, such as “Contractor”.'),
    text('preferredLanguage', 'Preferred written or spoken language, as in Accept-Language.'),
    text('locale', 'Default location for numbers, dates and currency, such as “en-US”.'),
    text('timezone', 'Time zone, such as “America/Los_Angeles”.'),
    text('active', 'Whether the person may sign in.', { type: 'boolean' }),
    text('password', 'Clear text password; accepted on writing only.', { mutability: 'writeOnly', returned: 'never', caseExact: true }),
    plural('emails', 'E-mail addresses.', text('value', 'An e-mail address.'), ['work', 'home', 'other']),
    plural('phoneNumbers', 'Phone numbers.', text('value', 'A phone number.'), ['work', 'home', 'mobile', 'fax', 'pager', 'other']),
    plural('ims', 'Instant messaging addresses.', text('value', 'An instant messaging address.'), [
      'aim', 'gtalk', 'icq', 'xmpp', 'msn', 'skype', 'qq', 'yahoo', 'other',
    ]),
    plural(
      'photos',
      'Addresses of photos of the person.',
      text('value', 'The address of a photo.', { type: 'reference', referenceTypes: ['external'], caseExact: true }),
      ['photo', 'thumbnail']
    ),
    addresses,
    groups,
    plural('entitlements', 'Things the person is entitled to.', text('value', 'The value of an entitlement.')),
    plural('roles', 'Roles of the person.', text('value', 'The value of a role.')),
    plural('x509Certificates', 'Certificates issued to the person.', text('value', 'A DER encoded X.509 certificate, base64.', { type: 'binary', caseExact: true })),
  ],
};
