import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Core } from '@strapi/types';
import { parseJson } from './database';

export interface Watermark {
  /** Made with the plugin's first boot on a database; a copy of the database keeps it. */
  lineage: string;
  at: number;
}

/**
 * What this machine saw of the database last, in a file beside it: the one thing that does not go back when a backup is restored.
 * Without a folder that can be written and stays, there is no witness, and nothing is claimed.
 */
export class Witness {
  private readonly file: string | null;

  constructor(strapi: Core.Strapi, folder: string) {
    const connection = strapi.config.get('database.connection') as { client?: unknown; connection?: Record<string, unknown> } | undefined;
    const { host, port, database, filename, schema, connectionString } = connection?.connection ?? {};
    // Several sites may share a folder; no credential is in the name, nor can one be read from it.
    const identity = JSON.stringify([connection?.client, host, port, database, filename, schema, withoutCredentials(connectionString)]);
    const name = `user-provisioning-${createHash('sha256').update(identity).digest('hex').slice(0, 12)}.json`;
    this.file = folder === '' ? null : join(isAbsolute(folder) ? folder : join(strapi.dirs.app.root, folder), name);
  }

  async read(): Promise<Watermark | null> {
    if (this.file === null) return null;
    const text = await readFile(this.file, 'utf8').catch(() => null);
    const found = parseJson<Partial<Watermark>>(text);
    return typeof found?.lineage === 'string' && typeof found.at === 'number' ? { lineage: found.lineage, at: found.at } : null;
  }

  /** Best effort: a file system that cannot be written is a common way to run Strapi. */
  async write({ lineage, at }: Watermark): Promise<void> {
    if (this.file === null) return;
    try {
      await mkdir(join(this.file, '..'), { recursive: true });
      const next = `${this.file}.${process.pid}`;
      await writeFile(next, JSON.stringify({ lineage, at }));
      await rename(next, this.file);
    } catch {
      // There is no witness then.
    }
  }
}

const withoutCredentials = (text: unknown): string => {
  if (typeof text !== 'string' || !URL.canParse(text)) return '';
  const { host, pathname } = new URL(text);
  return host + pathname;
};
