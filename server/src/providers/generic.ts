import { direct } from '../domain/mapping/mapping';
import { ENTERPRISE_USER_URN } from '../scim/schema/urns';
import type { Preset } from './preset';

const enterprise = (attribute: string) => direct(`${ENTERPRISE_USER_URN}:${attribute}`);

/** Any SCIM 2.0 application: everything the core User and the enterprise extension define, unchanged. */
export const generic: Preset = {
  id: 'generic',
  outbound: {
    mapping: [
      ...['userName', 'externalId', 'active', 'emails', 'name', 'displayName', 'nickName', 'title', 'userType'].map(direct),
      ...['preferredLanguage', 'locale', 'timezone', 'profileUrl', 'phoneNumbers', 'addresses'].map(direct),
      ...['employeeNumber', 'costCenter', 'organization', 'division', 'department'].map(enterprise),
    ],
    join: ['externalId', 'userName'],
  },
};
