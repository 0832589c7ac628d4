import type { BootedStrapi } from './strapi';

/** The SQL statements that run while `work` does. */
export async function queriesOf(booted: BootedStrapi, work: () => Promise<unknown>): Promise<string[]> {
  const queries: string[] = [];
  const note = (query: { sql: string }): void => void queries.push(query.sql);
  booted.strapi.db.connection.on('query', note);
  try {
    await work();
  } finally {
    booted.strapi.db.connection.off('query', note);
  }
  return queries;
}
