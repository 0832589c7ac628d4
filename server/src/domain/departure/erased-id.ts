import { hashOf } from '../diff/canonical';

/**
 * Stands for the provider's id of a person who was erased, where the account is kept: who comes back with that id is found by
 * it, and the id, often a staff number or an address, is not written down any more.
 */
export const erasedId = (externalId: string): string => `erased:${hashOf(externalId)}`;
