import { AsyncLocalStorage } from 'node:async_hooks';
import type { BootedStrapi } from './strapi';

const measured = new AsyncLocalStorage<true>();

/** The SQL statements of `work` and of the requests that it sends; not those of the jobs that run meanwhile. */
export async function queriesOf(booted: BootedStrapi, work: () => Promise<unknown>): Promise<string[]> {
  const queries: string[] = [];
  const note = (query: { sql: string }): void => {
    if (measured.getStore()) queries.push(query.sql);
  };
  const server = booted.strapi.server.httpServer;
  const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean;
  // A request has no context in common with its sender, although both are in this process.
  server.emit = (event: string, ...args: unknown[]) =>
    event === 'request' ? measured.run(true, () => emit(event, ...args)) : emit(event, ...args);
  booted.strapi.db.connection.on('query', note);
  try {
    await measured.run(true, work);
  } finally {
    booted.strapi.db.connection.off('query', note);
    Reflect.deleteProperty(server, 'emit');
  }
  return queries;
}
