import type { ConnectionWithToken } from '../../../../server/src/contracts/connection';

/**
 * The token of a connection that was just made, on its way to the connection's own page: in memory alone, because the
 * address and the history of the browser outlive the page. After a reload it is gone and the page is an ordinary one.
 */
let fresh: ConnectionWithToken | null = null;

export const keepFreshToken = (made: ConnectionWithToken): void => {
  fresh = made.token === null ? null : made;
};

export const freshTokenOf = (connectionId: number): string | null => (fresh?.connection.id === connectionId ? fresh.token : null);

export const forgetFreshToken = (): void => {
  fresh = null;
};
