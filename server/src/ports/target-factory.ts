import type { Connection } from '../domain/connection/connection';
import type { Directory } from './directory';

/** Builds the directory behind an outbound connection, with its decrypted credentials. Throws `credential-unreadable`. */
export interface TargetFactory {
  open(connection: Connection): Promise<Directory>;
}
