import type { Connection } from '../../../server/src/domain/connection/connection';
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { Directory } from '../../../server/src/ports/directory';
import type { TargetFactory } from '../../../server/src/ports/target-factory';

export class MemoryTargetFactory implements TargetFactory {
  private readonly targets = new Map<number, Directory>();
  private readonly unreadable = new Set<number>();

  set(connectionId: number, target: Directory): void {
    this.targets.set(connectionId, target);
  }

  /** The credential of the connection can no longer be decrypted, or can be again. */
  setReadable(connectionId: number, readable: boolean): void {
    if (readable) this.unreadable.delete(connectionId);
    else this.unreadable.add(connectionId);
  }

  async open(connection: Connection): Promise<Directory> {
    if (this.unreadable.has(connection.id)) throw new ProvisioningError('credential-unreadable', 'The stored credential cannot be decrypted.');
    const target = this.targets.get(connection.id);
    if (!target) throw new ProvisioningError('not-found', 'The connection no longer exists.');
    return target;
  }
}
