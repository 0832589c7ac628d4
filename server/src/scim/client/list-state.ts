import { z } from 'zod';
import { ProvisioningError } from '../../domain/errors';

/** What a read of a list has to remember from page to page. */
const state = z.strictObject({
  by: z.enum(['index', 'cursor']),
  /** Index of the next object, from 1. */
  index: z.int().positive(),
  /** Of RFC 9865; '' asks for the first page. */
  cursor: z.string(),
  /** Objects that came. */
  read: z.int().nonnegative(),
  /** As many as the application said there are; null: it never did. */
  total: z.int().nonnegative().nullable(),
  /** Fingerprints of the first and the last page, and the last id: who repeats them is not going on. */
  first: z.string(),
  last: z.string(),
  tail: z.string(),
  /** Pages in a row that were empty. */
  empty: z.int().nonnegative(),
  incomplete: z.string().nullable(),
});

export type ListState = z.output<typeof state>;

export const beginning = (by: ListState['by']): ListState => ({
  by, index: 1, cursor: '', read: 0, total: null, first: '', last: '', tail: '', empty: 0, incomplete: null,
});

export const encodeState = (value: ListState): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function decodeState(text: string): ListState {
  try {
    return state.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new ProvisioningError('invalid-value', 'The place where the read stopped is not known: begin again.');
  }
}
