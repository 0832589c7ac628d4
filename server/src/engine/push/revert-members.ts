import type { Connection } from '../../domain/connection/connection';
import { ProvisioningError } from '../../domain/errors';
import type { LinkStore } from '../../ports/link-store';
import type { PlanMembers } from '../../ports/plan-members';
import type { PushedMembers } from '../../ports/pushed-members';
import type { UnitOfWork } from '../../ports/unit-of-work';

export interface RevertDeps {
  links: LinkStore;
  planMembers: PlanMembers;
  pushedMembers: PushedMembers;
  unitOfWork: UnitOfWork;
}

const PAGE = 300;

/**
 * Puts members back as a plan that takes another one back says: who came leaves, who left comes. Nothing is sent yet. Twice is as good
 * as once. Throws `stale` where somebody who has to come back is not known to the application any more.
 */
export async function revertMembers(connection: Connection, runId: number, groupKey: string, { links, planMembers, pushedMembers, unitOfWork }: RevertDeps): Promise<void> {
  for (let after = ''; ; ) {
    const page = await planMembers.page(runId, groupKey, after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return;
    await unitOfWork.run(async () => {
      const refs = new Map((await links.getMany(connection.id, 'User', page.map(({ localId }) => localId))).map((link) => [link.localId, link.remoteId]));
      const noted = await pushedMembers.noted(connection.id, page.map(({ localId }) => localId));
      const changes = page.flatMap(({ localId, joins }) => {
        const wantedId = joins ? (refs.get(localId) ?? null) : null;
        if (joins && wantedId === null) throw new ProvisioningError('stale', 'Somebody who would come back into the group is not known to the application any more.');
        const present = noted.get(localId)?.find((one) => one.groupKey === groupKey)?.wantedId ?? null;
        return present === wantedId ? [] : [{ localId, wantedId }];
      });
      await pushedMembers.put(connection.id, groupKey, changes);
    });
    after = last.localId;
  }
}
