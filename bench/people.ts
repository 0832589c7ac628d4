/** The user that every row of the benchmark is about: what a provider sends of one person. */
const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

export const scimUser = (name: string) => ({
  schemas: [CORE, ENTERPRISE],
  userName: `${name}@example.com`,
  externalId: `x-${name}`,
  name: { givenName: 'Ann', familyName: `Lee ${name}` },
  displayName: `Ann Lee ${name}`,
  emails: [{ value: `${name}@example.com`, type: 'work', primary: true }],
  title: 'Engineer',
  active: true,
  [ENTERPRISE]: { department: 'Research', employeeNumber: `n-${name}` },
});

/** What Strapi's own table holds of it. */
export const strapiUser = (name: string) => ({ username: `${name}@example.com`, email: `${name}@example.com`, password: `Pass-${name}`, confirmed: true, blocked: false });
