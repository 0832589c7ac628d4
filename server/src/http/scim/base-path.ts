import type { Core } from '@strapi/types';

export const PLUGIN_PATH = '/user-provisioning';

/** `/api/user-provisioning`, following `api.rest.prefix`. */
export function pluginBasePath(strapi: Core.Strapi): string {
  const prefix = strapi.config.get<string>('api.rest.prefix', '/api');
  return `/${prefix}`.replace(/\/+/g, '/').replace(/\/$/, '') + PLUGIN_PATH;
}

/** `<base>/<key>/scim/v2<rest>`; null for every other path. */
export function splitScimPath(base: string, path: string): { key: string; rest: string } | null {
  if (!path.startsWith(`${base}/`)) return null;
  const match = /^([^/]+)\/scim\/v2(\/.*)?$/.exec(path.slice(base.length + 1));
  return match?.[1] === undefined ? null : { key: match[1], rest: match[2] ?? '/' };
}

/**
 * What goes in front of a SCIM URL: the site's public address where `server.url` names one. Otherwise nothing:
 * Strapi's `absoluteUrl` is then a guess from host and port, and the request or the browser knows better.
 */
export function publicOrigin(strapi: Core.Strapi): string {
  const url = strapi.config.get<string>('server.url', '');
  return /^https?:\/\//.test(url) ? url.replace(/\/+$/, '') : '';
}
