import type { Core } from '@strapi/types';

interface SessionManager {
  (origin: string): { invalidateRefreshToken(userId: string): Promise<void> };
  hasOrigin?(origin: string): boolean;
}

/**
 * Ends all sessions of an account at once. Strapi before 5.24 has no session manager, and end users have sessions only
 * in refresh mode: there `blocked` and `isActive` alone close the door at the next request.
 */
export async function endSessions(strapi: Core.Strapi, origin: 'users-permissions' | 'admin', accountId: number): Promise<void> {
  const manager = (strapi as { sessionManager?: SessionManager }).sessionManager;
  if (!manager || manager.hasOrigin?.(origin) === false) return;
  await manager(origin).invalidateRefreshToken(String(accountId));
}
