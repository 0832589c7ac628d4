import type { HttpExchange } from '../../contracts/operation';
import { ProvisioningError } from '../../domain/errors';
import type { Directory, DirectoryEntry } from '../../ports/directory';

/** Some of the groups at the application that the person is a direct member of; none: in no group. */
export const groupsAt = (target: Directory, ref: string): Promise<DirectoryEntry[]> => target.find('Group', 'members.value', ref);

/** Takes the person out of every group there. Answers how many and the last exchange. Idempotent. */
export async function leaveGroups(target: Directory, ref: string): Promise<{ left: number; http: HttpExchange | null }> {
  const left = new Set<string>();
  let http: HttpExchange | null = null;
  for (;;) {
    const groups = await groupsAt(target, ref);
    if (groups.length === 0) return { left: left.size, http };
    for (const { ref: groupRef, resource } of groups) {
      if (left.has(groupRef)) throw new ProvisioningError('target-rejected', `The application took the change and keeps the person in the group ${groupRef}.`);
      left.add(groupRef);
      const members = Array.isArray(resource.members) ? resource.members.filter((member: { value?: unknown }) => member.value !== ref) : [];
      const change = { path: `members[value eq ${JSON.stringify(ref)}]`, before: ref, after: null };
      http = (await target.update('Group', groupRef, { ...resource, members }, [change])).exchange ?? http;
    }
  }
}
