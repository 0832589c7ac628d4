import type { Context } from 'koa';

/**
 * One route for all of SCIM. The handler is a function, not a name: named handlers of the content API appear as
 * permissions of roles and API tokens, where they would do nothing. `auth: false` because the bridge checks its own
 * tokens; no API token and no session of Strapi opens this door.
 */
export const scimRoutes = (handler: (ctx: Context) => Promise<void>) => ({
  type: 'content-api' as const,
  routes: ['/:key/scim/v2', '/:key/scim/v2/(.*)'].map((path) => ({
    method: 'ALL' as const,
    path,
    handler,
    config: { auth: false as const },
  })),
});
