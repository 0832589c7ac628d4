import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Connection } from '../../domain/connection/connection';
import type { ObjectType } from '../../contracts/operation';
import type { ListQuery } from '../../ports/scim-service';
import { formatFilter } from '../../scim/filter/format';
import { formatAttributePath } from '../../scim/filter/path';
import { ScimError } from '../../scim/messages/error';

/** Where a page ended (RFC 9865). */
export interface Position {
  /** Row id of the last object. */
  id: number;
  /** What it sorts by; null where it has no value or nothing sorts. */
  key: string | number | null;
  /** Counted for the first page; later pages need not count again. */
  total: number;
}

const content = z.tuple([z.int().min(0), z.union([z.string(), z.number(), z.null()]), z.int().min(0)]);

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/** The query a cursor belongs to: another one cannot go on from it. */
export function queryDigest(connection: Connection, type: ObjectType, { filter, sort }: Pick<ListQuery, 'filter' | 'sort'>): string {
  const order = sort === null ? null : [formatAttributePath(sort.path).toLowerCase(), sort.descending];
  return digest(JSON.stringify([connection.id, connection.policies.visibility, type, filter === null ? null : formatFilter(filter), order]));
}

/** Opaque to clients. The check finds damage; there is nothing in it that a forger could gain by. */
export function encodeCursor(position: Position, query: string): string {
  const text = Buffer.from(JSON.stringify([position.id, position.key, position.total])).toString('base64url');
  return `${text}.${digest(`${query} ${text}`)}`;
}

/** Null for the first page. Throws 400 `invalidCursor`. */
export function decodeCursor(cursor: string, query: string): Position | null {
  if (cursor === '') return null;
  const [text, check, more] = cursor.split('.');
  if (text === undefined || check !== digest(`${query} ${text}`) || more !== undefined) throw invalid();
  try {
    const [id, key, total] = content.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return { id, key, total };
  } catch {
    throw invalid();
  }
}

const invalid = (): ScimError =>
  new ScimError(400, 'cursor: it is damaged, or filter or sorting changed since it was given. Start again without a value.', 'invalidCursor', {
    attribute: 'cursor',
  });
