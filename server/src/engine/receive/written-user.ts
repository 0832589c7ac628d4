import { ProvisioningError } from '../../domain/errors';
import type { Link } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';

/** A user as it stands after the write, for the answer: nothing has to be read again. */
export interface WrittenUser {
  user: LocalUser;
  link: Link;
}

/** Filled inside the pipeline; a transaction that is run again fills it again. */
export interface Result {
  written: WrittenUser | null;
}

export function writtenIn({ written }: Result): WrittenUser {
  if (written === null) throw new ProvisioningError('internal', 'The user was not written.');
  return written;
}
