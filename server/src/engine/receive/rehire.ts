import { ProvisioningError } from '../../domain/errors';
import { normaliseName } from '../../domain/identity/normalise';
import { isPlaceholderEmail } from '../../domain/resource/emails';
import { keepOf } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import type { StoredDeparture } from '../../ports/departure-store';
import type { LocalUser } from '../../ports/local-directory';
import type { ScimRequestContext } from '../../ports/scim-service';
import { runPipeline } from '../pipeline';
import { newLink } from './adoption';
import { droppedIn, inboundOptions, isDryRun, requestContext } from './context';
import type { ReceiveDeps } from './deps';
import { indexLinked } from './index-linked';
import { rememberAtOwnSystem } from './own-system';
import { refuseProtected } from './protection';
import type { RoleAssignment } from './role-assignment';
import type { Secret } from './secrets';
import { takenBy } from './taken-by';
import { newUserOptions } from './write-options';
import type { Result } from './written-user';

export interface KeptAccount {
  departure: StoredDeparture;
  user: LocalUser;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** A person who comes back finds the account that was kept for them, under a new SCIM id. */
export class Rehire {
  constructor(
    private readonly deps: ReceiveDeps,
    private readonly roles: RoleAssignment
  ) {}

  /** The account this connection kept for the person of a POST: the same externalId; a released account also by its name. */
  async find(ctx: ScimRequestContext, wanted: Resource): Promise<KeptAccount | null> {
    const { connection } = ctx;
    const directory = this.deps.directoryOf(connection.population);
    const externalId = textOf(wanted.externalId);
    const departure = externalId === null ? null : await this.deps.departures.findByExternalId(connection.id, externalId);
    if (departure !== null) {
      const user = departure.action === 'nothing' ? await this.released(departure) : await directory.readDeparted(departure.scimId);
      if (user !== null) return { departure, user };
    }
    if (connection.policies.onDelete.action !== 'nothing') return null;
    for (const user of await directory.findUsers({ attribute: 'userName', value: normaliseName(String(wanted.userName)) })) {
      const [left] = (await this.deps.departures.ofUsers([user.ref])).filter((one) => one.action === 'nothing' && one.connectionId === connection.id);
      if (left !== undefined && (await this.released(left)) !== null) return { departure: left, user };
    }
    return null;
  }

  /** Answers the person under the new SCIM id; a dry run nobody. */
  async revive(ctx: ScimRequestContext, desired: Resource, { departure, user }: KeptAccount, secret: Secret['options']): Promise<Result> {
    const directory = this.deps.directoryOf(ctx.connection.population);
    const name = String(desired.userName);
    const result: Result = { written: null };
    const context = requestContext(ctx, 'User', 'reactivate', null, name);
    await this.deps.origin.run({ system: ctx.connection.system }, () =>
      runPipeline<Resource, null>(
        context,
        {
          read: () => ({ value: desired, message: `The request describes a person who was here before.${droppedIn(ctx)}` }),
          scope: () => ({ value: true, message: 'Everyone this provider sends is in scope.' }),
          join: async () => {
            // Taken first: of two requests at the same moment one gets the account, the other starts over.
            if (!isDryRun(ctx) && !(await this.deps.departures.remove(departure))) throw await this.takenUp(ctx, desired);
            return { value: null, message: 'Their account was kept when they left.' };
          },
          map: () => ({ value: { known: { schemas: [], active: false }, desired }, message: 'userName, e-mail address and state are those of the request.' }),
          guard: async () => {
            // Roles start anew, so a super admin who left comes back as none.
            if (departure.action === 'nothing' || user.protection?.reason === 'break-glass') await refuseProtected(this.deps, ctx.connection, user);
            return { value: undefined, message: 'Nothing here is protected.' };
          },
          apply: async (change) => {
            const wanted = await this.withOriginals(ctx, desired, { departure, user });
            const options = { ...newUserOptions(ctx.connection.policies, await this.roles.startingRoles(ctx)), ...secret };
            const revived =
              departure.action === 'nothing' ? await directory.updateUser(user, wanted, change.changes, options) : await directory.reviveUser(user, wanted, options);
            const externalId = textOf(desired.externalId);
            const link = { ...newLink(ctx.connection, revived.ref), externalId, kept: keepOf(desired) };
            await this.deps.links.save(link);
            await indexLinked(this.deps, ctx, { user: revived, link }, null);
            await this.roles.rolesWritten(ctx, revived.ref, desired);
            await rememberAtOwnSystem(this.deps, ctx, revived.ref, desired);
            result.written = { user: (await directory.readUser(revived.ref)) ?? revived, link };
            const message = `Back again: the account kept since the person left was taken up under a new id${desired.active === false ? ', inactive' : ''}.`;
            return { value: { objectId: revived.ref, objectName: name, remoteId: externalId, http: null, message }, message: 'Account and link written.' };
          },
          explain: (error) => takenBy(this.deps, ctx, error, 'User', desired, null),
        },
        inboundOptions(this.deps, ctx, context),
        this.deps
      )
    );
    return result;
  }

  /** Another request was faster: either the person is there again, or the account is gone. */
  private async takenUp({ connection }: ScimRequestContext, { externalId }: Resource): Promise<ProvisioningError> {
    const link = typeof externalId === 'string' ? await this.deps.links.findByExternalId(connection.id, 'User', externalId) : null;
    return link === null
      ? new ProvisioningError('conflict', 'The kept account was changed by another request at the same moment.')
      : new ProvisioningError('uniqueness', 'Another user of this connection already has this externalId.', { attribute: 'externalId' });
  }

  /** An account nobody else took over since it was released. */
  private async released({ scimId, population }: StoredDeparture): Promise<LocalUser | null> {
    const user = await this.deps.directoryOf(population).readUser(scimId);
    if (user === null || (await this.deps.links.ofObject('User', scimId)).some((link) => link.kept !== null)) return null;
    return user;
  }

  /** What the request leaves out and the account still knows: its names, and its address while that is kept and free. */
  private async withOriginals({ connection }: ScimRequestContext, desired: Resource, { departure, user }: KeptAccount): Promise<Resource> {
    const wanted: Resource = { ...desired };
    if (wanted.name === undefined && user.resource.name !== undefined) wanted.name = user.resource.name;
    if (wanted.emails === undefined && departure.action === 'nothing') wanted.emails = user.resource.emails;
    const email = textOf(departure.original?.email);
    if (wanted.emails !== undefined || email === null || isPlaceholderEmail(email)) return wanted;
    const holders = await this.deps.directoryOf(connection.population).findUsers({ attribute: 'email', value: normaliseName(email) });
    return holders.length > 0 ? wanted : { ...wanted, emails: [{ value: email, type: 'work', primary: true }] };
  }
}
