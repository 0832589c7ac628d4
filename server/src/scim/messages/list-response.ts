import { LIST_RESPONSE_URN } from './urns';

export interface ListResponse<T> {
  schemas: [typeof LIST_RESPONSE_URN];
  totalResults: number;
  startIndex: number;
  itemsPerPage: number;
  /** Always there, empty where nothing was found: Entra ID reads it without asking. */
  Resources: T[];
}

/** RFC 7644 section 3.4.2. */
export const listResponse = <T>(resources: T[], totalResults = resources.length, startIndex = 1): ListResponse<T> => ({
  schemas: [LIST_RESPONSE_URN],
  totalResults,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});
