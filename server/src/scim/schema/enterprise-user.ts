import { attribute, complex, type SchemaDefinition } from './definition';
import { ENTERPRISE_USER_URN } from './urns';

/** RFC 7643 section 4.3. */
export const enterpriseUserSchema: SchemaDefinition = {
  id: ENTERPRISE_USER_URN,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    attribute('employeeNumber', 'Identifier the organisation gave to the person.'),
    attribute('costCenter', 'The name of a cost centre.'),
    attribute('organization', 'The name of an organisation.'),
    attribute('division', 'The name of a division.'),
    attribute('department', 'The name of a department.'),
    complex('manager', 'The person’s manager.', [
      attribute('value', 'The id of the manager.'),
      attribute('$ref', 'The URI of the manager.', { type: 'reference', referenceTypes: ['User'], caseExact: true }),
      attribute('displayName', 'The display name of the manager.', { mutability: 'readOnly' }),
    ]),
  ],
};
