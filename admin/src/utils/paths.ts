import { PLUGIN_ID } from '../pluginId';

const ROOT = `/plugins/${PLUGIN_ID}`;

export const PATHS = {
  root: ROOT,
  connections: `${ROOT}/connections`,
  createConnection: `${ROOT}/connections/create`,
  connection: (id: number): string => `${ROOT}/connections/${id}`,
  logs: `${ROOT}/logs`,
  logsWith: (params: Record<string, string>): string => `${ROOT}/logs?${new URLSearchParams(params).toString()}`,
};

/** Without `server.absoluteUrl` the server only knows a path; the browser's address is then the best guess. */
export const displayUrl = (url: string): string => (url.startsWith('/') ? `${window.location.origin}${url}` : url);
