import { ProvisioningError } from '../../domain/errors';
import type { LocalUser } from '../../ports/local-directory';
import type { ScimRequestContext } from '../../ports/scim-service';
import { runPipeline } from '../pipeline';
import { newLink } from './adoption';
import { INBOUND, requestContext } from './context';
import type { ReceiveDeps } from './deps';
import { indexLinked } from './index-linked';
import { refuseProtected } from './protection';
import type { RoleAssignment } from './role-assignment';

/**
 * Ties an account that existed before to a connection, on a person's word: from then on its provider may write it, and
 * the groups it is in there give their roles. Nothing else of the account is changed. Throws `linked-elsewhere` and `protected`.
 */
export async function approveLink(deps: ReceiveDeps, roles: RoleAssignment, ctx: ScimRequestContext, user: LocalUser): Promise<void> {
  const name = String(user.resource.userName);
  const context = { ...requestContext(ctx, 'User', 'link', user.ref, name), trigger: 'on-demand' as const };
  await runPipeline<LocalUser, LocalUser>(
    context,
    {
      read: () => ({ value: user, message: 'An account that existed before.' }),
      scope: () => ({ value: true, message: 'A super admin asked for it.' }),
      join: async () => {
        const links = await deps.links.ofObject('User', user.ref);
        // Only inbound links keep what a provider wrote.
        if (links.some((link) => link.kept !== null)) throw new ProvisioningError('linked-elsewhere', `${name} is managed by a connection already.`);
        await refuseProtected(deps, ctx.connection, user);
        return { value: user, message: 'No connection manages it.' };
      },
      map: () => ({ value: { known: user.resource, desired: user.resource }, message: 'The account stays as it is.' }),
      guard: () => ({ value: undefined, message: 'Nothing here is protected.' }),
      settleUnchanged: async () => {
        const link = { ...newLink(ctx.connection, user.ref), kept: { schemas: user.resource.schemas } };
        await deps.links.save(link, { isNew: true });
        await indexLinked(deps, ctx, { user, link }, null);
        // Groups have given nothing to an account out of their connection's reach.
        await roles.regrant(ctx, [user.ref]);
        return 'Linked: the connection may manage this account from now on.';
      },
      apply: () => Promise.reject(new ProvisioningError('internal', 'Linking changes no account.')),
    },
    INBOUND,
    deps
  );
}
