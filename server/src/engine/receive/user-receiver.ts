import { keepOf, presentUser } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import { ProvisioningError } from '../../domain/errors';
import type { LocalUser } from '../../ports/local-directory';
import type { ScimRequestContext } from '../../ports/scim-service';
import { applyPatch } from '../../scim/patch/apply';
import type { PatchOperation } from '../../scim/patch/operation';
import { tellChange, type PlannedChange } from '../../domain/plan/change';
import { runPipeline } from '../pipeline';
import { joinUser, newLink, type JoinedUser } from './adoption';
import { INBOUND, requestContext } from './context';
import type { ReceiveDeps } from './deps';
import { rememberAtOwnSystem } from './own-system';

const ENABLED = { value: true, message: 'Everyone this provider sends is in scope.' };
const ALLOWED = { value: undefined, message: 'Nothing here is protected.' };

const nameOf = (resource: Resource): string => String(resource.userName);

/** Writes of users that a provider asks for. Each is one pass of the pipeline in one transaction. */
export class UserReceiver {
  constructor(private readonly deps: ReceiveDeps) {}

  async create(ctx: ScimRequestContext, sent: Resource): Promise<string> {
    const directory = this.deps.directoryOf(ctx.connection.population);
    const context = requestContext(ctx, 'User', 'create', null, nameOf(sent));
    const desired: Resource = { active: true, ...sent };
    let created: LocalUser | null = null;
    await this.fromSystem(ctx, () =>
      runPipeline<Resource, null>(
        context,
        {
          read: () => ({ value: desired, message: `The request describes a new user.${droppedIn(ctx)}` }),
          scope: () => ENABLED,
          join: async () => {
            await this.refuseTaken(ctx, desired, null);
            return { value: null, message: 'No account has this externalId or userName.' };
          },
          map: () => ({ value: { known: null, desired }, message: 'Attributes without a field in Strapi are kept with the link.' }),
          guard: () => ALLOWED,
          apply: async (change) => {
            const roleId = ctx.connection.defaultRoleId ?? (await directory.defaultRoleId());
            created = await directory.createUser(desired, { roleIds: roleId === null ? [] : [roleId] });
            await this.deps.links.save({
              ...newLink(ctx.connection, created.ref),
              externalId: externalIdOf(desired),
              kept: keepOf(desired),
            });
            await rememberAtOwnSystem(this.deps, ctx, created.ref, desired);
            const name = nameOf(desired);
            return {
              value: { objectId: created.ref, objectName: name, remoteId: externalIdOf(desired), http: null, message: tellChange(change) },
              message: 'Account and link written.',
            };
          },
        },
        INBOUND,
        this.deps
      )
    );
    if (created === null) throw new ProvisioningError('internal', 'The account was not created.');
    return (created as LocalUser).ref;
  }

  async replace(ctx: ScimRequestContext, id: string, sent: Resource): Promise<void> {
    await this.update(ctx, id, (current, joined) => {
      const desired: Resource = { ...sent };
      // Leaving `active` out must never suspend anybody; what this connection never wrote is not its to clear.
      if (desired.active === undefined) desired.active = current.active;
      for (const attribute of ACCOUNT_ATTRIBUTES) {
        if (desired[attribute] === undefined && joined.link.kept?.[attribute] === undefined) desired[attribute] = current[attribute];
      }
      return desired;
    });
  }

  async modify(ctx: ScimRequestContext, id: string, operations: PatchOperation[]): Promise<void> {
    await this.update(ctx, id, (current) => applyPatch(current, operations, 'User'));
  }

  async remove(ctx: ScimRequestContext, id: string): Promise<void> {
    const directory = this.deps.directoryOf(ctx.connection.population);
    const present = await this.present(ctx, id);
    await this.fromSystem(ctx, () =>
      runPipeline<LocalUser, LocalUser>(
        requestContext(ctx, 'User', 'delete', id, nameOf(present.resource)),
        {
          read: async () => ({ value: await this.present(ctx, id), message: 'The request deletes this user.' }),
          scope: () => ENABLED,
          join: async (user) => {
            const { adopted } = await joinUser(ctx.connection, user, this.deps.links);
            if (adopted) throw new ProvisioningError('not-adoptable', `${nameOf(user.resource)} was never provisioned by this connection and is not deleted by it.`);
            return { value: user, message: 'Linked to this connection.' };
          },
          map: (user) => ({ value: { known: user.resource, desired: null }, message: 'Nothing is to remain.' }),
          guard: (_change, user) => refuseProtected(user),
          apply: async (change, user) => {
            const groups = (await this.deps.groups.groupsOf(ctx.connection.id, [id])).get(id) ?? [];
            for (const group of groups) await this.deps.groups.removeMembers(group, [id]);
            await directory.removeUser(user);
            await rememberAtOwnSystem(this.deps, ctx, id, null);
            const name = nameOf(user.resource);
            return {
              value: { objectId: id, objectName: name, remoteId: null, http: null, message: tellChange(change) },
              message: 'Account deleted; its SCIM id is never used again.',
            };
          },
        },
        INBOUND,
        this.deps
      )
    );
  }

  private async update(ctx: ScimRequestContext, id: string, want: (current: Resource, joined: JoinedUser) => Resource): Promise<void> {
    const directory = this.deps.directoryOf(ctx.connection.population);
    const present = await this.present(ctx, id);
    let adopting: JoinedUser | null = null;
    await this.fromSystem(ctx, () =>
      runPipeline<LocalUser, JoinedUser>(
        requestContext(ctx, 'User', 'update', id, nameOf(present.resource)),
        {
          read: async () => ({ value: await this.present(ctx, id), message: `The request changes this user.${droppedIn(ctx)}` }),
          scope: () => ENABLED,
          join: async (user) => {
            const value = await joinUser(ctx.connection, user, this.deps.links);
            adopting = value.adopted ? value : null;
            return { value, message: value.adopted ? 'An existing account, taken over by this connection.' : 'Linked to this connection.' };
          },
          map: (user, joined) => {
            const current = presentUser(user.resource, joined.link.kept, joined.link.externalId);
            const desired = want(current, joined);
            return { value: { known: current, desired }, message: 'Attributes without a field in Strapi are kept with the link.' };
          },
          guard: (_change, joined) => refuseProtected(joined.user),
          // Taking an account over is a change by itself, also where every attribute already agrees.
          settleUnchanged: async (change) => {
            if (change?.desired) await rememberAtOwnSystem(this.deps, ctx, id, change.desired);
            if (!adopting || !change?.desired) return;
            refuseProtected(adopting.user);
            await this.deps.links.save({ ...adopting.link, externalId: externalIdOf(change.desired), kept: keptOf(change.desired, adopting, change) });
          },
          apply: async (change, _user, joined) => {
            const desired = change.desired ?? joined.user.resource;
            await this.refuseTaken(ctx, desired, id);
            const updated = await directory.updateUser(joined.user, desired, change.changes);
            await this.deps.links.save({ ...joined.link, externalId: externalIdOf(desired), kept: keptOf(desired, joined, change) });
            await rememberAtOwnSystem(this.deps, ctx, id, desired);
            const name = nameOf(updated.resource);
            return {
              value: { objectId: id, objectName: name, remoteId: externalIdOf(desired), http: null, message: tellChange(change) },
              message: 'Account and link written.',
            };
          },
        },
        INBOUND,
        this.deps
      )
    );
  }

  private async present(ctx: ScimRequestContext, id: string): Promise<LocalUser> {
    const user = await this.deps.directoryOf(ctx.connection.population).readUser(id);
    if (!user) throw new ProvisioningError('not-found', `There is no user with the id ${id}.`);
    return user;
  }

  /** Uniqueness of what only the link table knows; userName and e-mail are the directory's to check. */
  private async refuseTaken(ctx: ScimRequestContext, desired: Resource, ownId: string | null): Promise<void> {
    const externalId = externalIdOf(desired);
    if (externalId === null) return;
    const link = await this.deps.links.findByExternalId(ctx.connection.id, 'User', externalId);
    if (link && link.localId !== ownId) {
      throw new ProvisioningError('uniqueness', 'Another user of this connection already has this externalId.', { attribute: 'externalId' });
    }
  }

  private fromSystem<T>(ctx: ScimRequestContext, work: () => Promise<T>): Promise<T> {
    return this.deps.origin.run({ system: ctx.connection.system }, work);
  }
}

/** Attributes that Strapi has fields for and that may hold what a person entered there. */
const ACCOUNT_ATTRIBUTES = ['emails', 'name'] as const;

/** Only what this connection wrote is kept for it: values of the account that were merely shown to it are not. */
function keptOf(desired: Resource, joined: JoinedUser, change: PlannedChange): Resource {
  const wrote = (attribute: string): boolean =>
    joined.link.kept?.[attribute] !== undefined || change.changes.some(({ path }) => path === attribute || path.startsWith(`${attribute}.`));
  const shown = ACCOUNT_ATTRIBUTES.filter((attribute) => !wrote(attribute));
  const kept = Object.entries(keepOf(desired)).filter(([attribute]) => !shown.some((name) => name === attribute));
  return { schemas: desired.schemas, ...Object.fromEntries(kept) };
}

/** What was sent and not taken is said, by name only. */
const droppedIn = (ctx: ScimRequestContext): string => (ctx.dropped?.length ? ` Not taken: ${ctx.dropped.join(', ')}.` : '');

const externalIdOf = (resource: Resource): string | null => (typeof resource.externalId === 'string' ? resource.externalId : null);

function refuseProtected(user: LocalUser): { value: undefined; message: string } {
  if (user.protection !== null) throw new ProvisioningError('protected', user.protection);
  return ALLOWED;
}

