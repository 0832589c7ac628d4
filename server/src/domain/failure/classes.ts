import type { ErrorCode } from '../../contracts/error-codes';
import type { ErrorClass } from '../../contracts/failure';

/** Each code has one class; a new code does not compile without. */
const CLASSES: Readonly<Record<ErrorCode, ErrorClass>> = {
  'invalid-value': 'bad-data',
  'invalid-syntax': 'bad-data',
  'invalid-filter': 'bad-data',
  'too-large': 'bad-data',
  'mapping-failed': 'bad-data',
  'target-rejected': 'bad-data',
  uniqueness: 'conflict',
  conflict: 'conflict',
  'version-mismatch': 'conflict',
  'linked-elsewhere': 'conflict',
  disputed: 'conflict',
  stale: 'conflict',
  protected: 'auth',
  'not-adoptable': 'auth',
  'not-permitted': 'auth',
  'guard-held': 'auth',
  'target-auth': 'auth',
  'credential-unreadable': 'auth',
  'target-rate-limited': 'transient',
  'target-unavailable': 'transient',
  'target-unexpected': 'transient',
  'not-found': 'gone',
  internal: 'internal',
};

export const classOf = (code: ErrorCode): ErrorClass => CLASSES[code];
