import type { Context } from 'koa';

type Handler = (ctx: Context) => Promise<void>;

/**
 * One route for all of SCIM and one for access tokens. The handlers are functions, not names: named handlers of the content API appear as
 * permissions of roles and API tokens, where they would do nothing. `auth: false` because we check our
 * own tokens; no API token and no session of Strapi opens this door.
 */
export const scimRoutes = (handlers: { scim: Handler; oauthToken: Handler }) => ({
  type: 'content-api' as const,
  routes: [
    ...['/:key/scim/v2', '/:key/scim/v2/(.*)'].map((path) => route(path, handlers.scim)),
    route('/:key/oauth/token', handlers.oauthToken),
  ],
});

/** Every method, or Strapi would answer the wrong ones in its own words. */
const route = (path: string, handler: Handler) => ({ method: 'ALL' as const, path, handler, config: { auth: false as const } });
