import { AsyncLocalStorage } from 'node:async_hooks';
import type { BootedStrapi } from './strapi';

const measured = new AsyncLocalStorage<true>();

export interface Statement {
  sql: string;
  bindings: (string | number)[];
}

/** The SQL statements of `work` and of the requests that it sends; not those of the jobs that run meanwhile. */
export async function queriesOf(booted: BootedStrapi, work: () => Promise<unknown>): Promise<string[]> {
  return (await statementsOf(booted, work)).map(({ sql }) => sql);
}

/** The same with what was bound. */
export async function statementsOf(booted: BootedStrapi, work: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = [];
  const note = ({ sql, bindings }: Statement): void => {
    if (measured.getStore()) statements.push({ sql, bindings });
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
  return statements;
}
