import { LIST_RESPONSE_URN } from './urns';

export interface ListResponse<T> {
  schemas: [typeof LIST_RESPONSE_URN];
  totalResults: number;
  /** Paging by index only. */
  startIndex?: number;
  itemsPerPage: number;
  /** Paging by cursor only; absent on the last page (RFC 9865 section 2). */
  nextCursor?: string;
  /** Always there, empty where nothing was found: Entra ID reads it without asking. */
  Resources: T[];
}

export type ListPosition = { startIndex: number } | { nextCursor: string | null };

/** RFC 7644 section 3.4.2 and RFC 9865 section 2. */
export function listResponse<T>(resources: T[], totalResults = resources.length, position: ListPosition = { startIndex: 1 }): ListResponse<T> {
  return {
    schemas: [LIST_RESPONSE_URN],
    totalResults,
    ...('startIndex' in position ? { startIndex: position.startIndex } : {}),
    itemsPerPage: resources.length,
    ...('nextCursor' in position && position.nextCursor !== null ? { nextCursor: position.nextCursor } : {}),
    Resources: resources,
  };
}
