import { normaliseName } from '../../domain/identity/normalise';
import { mainEmail } from '../../domain/resource/emails';
import { keepOf, presentUser } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import { ProvisioningError } from '../../domain/errors';
import type { DepartureAction } from '../../contracts/connection';
import { tellChange, type PlannedChange } from '../../domain/plan/change';
import type { Link } from '../../ports/link-store';
import type { LocalUser } from '../../ports/local-directory';
import type { ScimRequestContext, WriteConditions } from '../../ports/scim-service';
import { preconditionFailed } from '../../scim/messages/error';
import { matchesVersion } from '../../scim/messages/version';
import { applyPatch } from '../../scim/patch/apply';
import type { PatchOperation } from '../../scim/patch/operation';
import { withoutPasswords } from '../../scim/patch/passwords';
import { carryImmutable } from '../../scim/schema/immutable';
import { STRAPI_USER_URN } from '../../scim/schema/urns';
import { runPipeline, type PipelineContext } from '../pipeline';
import { joinUser, newLink, type JoinedUser } from './adoption';
import { droppedIn, inboundOptions, isDryRun, requestContext } from './context';
import { Departures } from './departures';
import type { ReceiveDeps } from './deps';
import { settleDerived } from './derived';
import { indexLinked } from './index-linked';
import { linksOf } from './links-of';
import { rememberAtOwnSystem, type Said } from './own-system';
import { refuseLastSuperAdmin, refuseProtected } from './protection';
import { Rehire } from './rehire';
import { RoleAssignment, roleNamesIn } from './role-assignment';
import { secretOf, splitPassword } from './secrets';
import { newUserOptions, writeOptions } from './write-options';
import { takenBy } from './taken-by';
import { writtenIn, type Result, type WrittenUser } from './written-user';

const ENABLED = { value: true, message: 'Everyone this provider sends is in scope.' };
const ALLOWED = { value: undefined, message: 'Nothing here is protected.' };

const nameOf = (resource: Resource): string => String(resource.userName);

/** A user that is to be changed, and how. */
interface Wish {
  id: string;
  /** The body of a PUT, which has to match an account that it takes over; null for a PATCH. */
  sent: Resource | null;
  password: unknown;
  conditions: WriteConditions;
  /** Also an account that the connection does not see: a POST that takes it over. */
  alsoHidden: boolean;
  desired(current: Resource, joined: JoinedUser): Resource;
}

/** Writes of users that a provider asks for. Each is one pass of the pipeline in one transaction. */
export class UserReceiver {
  private readonly roles: RoleAssignment;
  private readonly departures: Departures;
  private readonly rehire: Rehire;

  /** `versionOf`: meta.version as the connection is shown it. */
  constructor(
    private readonly deps: ReceiveDeps,
    private readonly versionOf: (ctx: ScimRequestContext, user: LocalUser) => Promise<string | undefined>
  ) {
    this.roles = new RoleAssignment(deps);
    this.departures = new Departures(deps, this.roles);
    this.rehire = new Rehire(deps, this.roles);
  }

  async create(ctx: ScimRequestContext, sent: Resource): Promise<WrittenUser> {
    return writtenIn(await this.bring(ctx, sent));
  }

  /** The same; a dry run writes nobody. */
  async bring(ctx: ScimRequestContext, sent: Resource): Promise<Result> {
    const directory = this.deps.directoryOf(ctx.connection.population);
    const context = requestContext(ctx, 'User', 'create', null, nameOf(sent));
    const { resource, password } = splitPassword(sent);
    const secret = await secretOf(ctx, directory, password, null);
    const desired: Resource = { active: true, ...settleDerived(resource, null, ctx.types.User), ...secret.mark };
    const kept = await this.rehire.find(ctx, desired);
    if (kept !== null) return this.rehire.revive(ctx, desired, kept, secret.options);
    const result: Result = { written: null };
    await this.fromSystem(ctx, () =>
      runPipeline<Resource, null>(
        context,
        {
          read: () => ({ value: desired, message: `The request describes a new user.${droppedIn(ctx)}` }),
          scope: () => ENABLED,
          // The unique keys of name, address and externalId decide when it is written: also between two at the same moment.
          join: async () => ({ value: null, message: 'A new account: providers look existing ones up before.' }),
          map: () => ({ value: { known: null, desired }, message: KEPT }),
          guard: () => ALLOWED,
          apply: async (change) => {
            const roleIds = await this.roles.startingRoles(ctx);
            let user = await directory.createUser(desired, { ...newUserOptions(ctx.connection.policies, roleIds), ...secret.options });
            const link = { ...newLink(ctx.connection, user.ref), externalId: externalIdOf(desired), kept: keepOf(desired) };
            await this.deps.links.save(link, { isNew: true });
            await indexLinked(this.deps, ctx, { user, link }, null);
            if (roleNamesIn(desired).length > 0) {
              await this.roles.rolesWritten(ctx, user.ref, desired);
              user = (await directory.readUser(user.ref)) ?? user;
            }
            await rememberAtOwnSystem(this.deps, ctx, user.ref, desired);
            result.written = { user, link };
            const name = nameOf(desired);
            return {
              value: { objectId: user.ref, objectName: name, remoteId: externalIdOf(desired), http: null, message: tellChange(change) },
              message: 'Account and link written.',
            };
          },
          explain: (error) => takenBy(this.deps, ctx, error, 'User', desired, null),
        },
        inboundOptions(this.deps, ctx, context),
        this.deps
      )
    );
    return result;
  }

  /** Answers the last state of somebody whom the policy removed at once because they became inactive. */
  async replace(ctx: ScimRequestContext, id: string, sent: Resource, conditions: WriteConditions, alsoHidden = false): Promise<WrittenUser> {
    const { resource, password } = splitPassword(sent);
    const desired = (current: Resource, joined: JoinedUser): Resource => {
      const wanted = settleDerived(resource, current, ctx.types.User, joined.link.kept ?? { schemas: [] });
      // Leaving `active` out must never suspend anybody; what this connection never wrote is not its to clear.
      if (wanted.active === undefined) wanted.active = current.active;
      // Nor may it take a role away.
      if (wanted.roles === undefined && current.roles !== undefined) wanted.roles = current.roles;
      for (const attribute of ACCOUNT_ATTRIBUTES) {
        if (wanted[attribute] === undefined && joined.link.kept?.[attribute] === undefined) wanted[attribute] = current[attribute];
      }
      return carryImmutable(current, wanted, ctx.types.User);
    };
    return this.update(ctx, { id, sent: resource, password, conditions, alsoHidden, desired });
  }

  async modify(ctx: ScimRequestContext, id: string, operations: PatchOperation[], conditions: WriteConditions): Promise<WrittenUser> {
    const { operations: plain, password } = withoutPasswords(operations, ctx.types.User);
    const desired = (current: Resource): Resource => {
      // With its id, which may be sent along as it is.
      const patched = applyPatch({ ...current, id }, plain, ctx.types.User, ctx.connection.policies, ctx.work);
      delete patched.id;
      return settleDerived(patched, current, ctx.types.User);
    };
    return this.update(ctx, { id, sent: null, password, conditions, alsoHidden: false, desired });
  }

  async remove(ctx: ScimRequestContext, id: string, conditions: WriteConditions): Promise<void> {
    const context = requestContext(ctx, 'User', 'delete', id, null);
    await this.fromSystem(ctx, () =>
      runPipeline<LocalUser, JoinedUser>(
        context,
        {
          read: async () => ({ value: await this.present(ctx, context, conditions), message: 'The request deletes this user.' }),
          scope: () => ENABLED,
          join: async (user) => {
            const joined = await joinUser(ctx.connection, user, this.deps, null);
            if (joined.adopted) throw new ProvisioningError('not-adoptable', `${nameOf(user.resource)} was never provisioned by this connection and is not deleted by it.`);
            return { value: joined, message: 'Linked to this connection.' };
          },
          map: (user) => ({ value: { known: user.resource, desired: null }, message: 'Nothing is to remain.' }),
          guard: async (_change, { user }) => {
            await refuseProtected(this.deps, ctx.connection, user);
            if (ctx.connection.policies.onDelete.action !== 'nothing') await refuseLastSuperAdmin(this.deps, ctx.connection, user);
            return ALLOWED;
          },
          apply: async (_change, _source, { user, link }) => {
            const message = await this.departures.deleted(ctx, user, link);
            await rememberAtOwnSystem(this.deps, ctx, id, null);
            const name = nameOf(user.resource);
            return { value: { objectId: id, objectName: name, remoteId: link.externalId, http: null, message }, message: 'The SCIM id is never used again.' };
          },
        },
        inboundOptions(this.deps, ctx, context),
        this.deps
      )
    );
    if (!deletesAtOnce(ctx) && !isDryRun(ctx)) await this.departures.settleNow(id);
  }

  private async update(ctx: ScimRequestContext, wish: Wish): Promise<WrittenUser> {
    const { id } = wish;
    const directory = this.deps.directoryOf(ctx.connection.population);
    const context = requestContext(ctx, 'User', 'update', id, null);
    const secret = await secretOf(ctx, directory, wish.password, id);
    const result: Result = { written: null };
    let adopting: JoinedUser | null = null;
    let wanted: Resource | null = null;
    let said: Said | undefined;
    let deactivated = false;
    await this.fromSystem(ctx, () =>
      runPipeline<LocalUser, JoinedUser>(
        context,
        {
          read: async () => ({ value: await this.present(ctx, context, wish.conditions, wish.alsoHidden), message: `The request changes this user.${droppedIn(ctx)}` }),
          scope: () => ENABLED,
          join: async (user) => {
            const value = await joinUser(ctx.connection, user, this.deps, { sent: wish.sent });
            adopting = value.adopted ? value : null;
            result.written = { user, link: value.link };
            return { value, message: value.adopted ? 'An existing account, taken over by this connection.' : 'Linked to this connection.' };
          },
          map: (user, joined) => {
            const current = presentUser(user.resource, joined.link.kept, joined.link.externalId, joined.link.state === 'suspended');
            const desired = { ...withoutDerivedEmail(wish.desired(current, joined), user, joined), ...secret.mark };
            wanted = desired;
            said = { found: current, of: (held) => wish.desired(held, joined) };
            return { value: { known: current, desired }, message: KEPT };
          },
          guard: async (change, { user }) => {
            await refuseProtected(this.deps, ctx.connection, user);
            if (change.kind === 'deactivate' && !this.departures.leavesUsable(ctx.connection)) await refuseLastSuperAdmin(this.deps, ctx.connection, user);
            return ALLOWED;
          },
          // Taking an account over is a change by itself, also where every attribute already agrees.
          settleUnchanged: async (change) => {
            const { user } = writtenIn(result);
            // Also a write without effect is refused: an answer of 200 would tell what the account holds.
            await refuseProtected(this.deps, ctx.connection, user);
            if (change?.desired) {
              const { state, suspended } = this.accountState(ctx, change, user);
              await rememberAtOwnSystem(this.deps, ctx, id, state, suspended ? undefined : said);
            }
            if (!adopting || !change?.desired) return undefined;
            const link = { ...adopting.link, externalId: externalIdOf(change.desired), kept: keptOf(change.desired, adopting, change) };
            await this.deps.links.save(link, { isNew: true });
            await indexLinked(this.deps, ctx, { user, link }, null);
            result.written = { user, link };
            return TAKEN_OVER;
          },
          apply: async (change, _user, joined) => {
            const desired = change.desired ?? joined.user.resource;
            const { state, suspended } = this.accountState(ctx, change, joined.user);
            let user = await directory.updateUser(joined.user, state, change.changes, { ...writeOptions(ctx.connection.policies), ...secret.options });
            const link: Link = { ...joined.link, externalId: externalIdOf(desired), kept: keptOf(state, joined, change), state: suspended ? 'suspended' : 'linked' };
            await this.deps.links.save(link, { isNew: joined.adopted });
            await indexLinked(this.deps, ctx, { user, link }, joined.adopted ? null : joined);
            await rememberAtOwnSystem(this.deps, ctx, id, state, suspended ? undefined : said);
            const roles = change.changes.some(({ path }) => path === 'roles' || path.startsWith('roles'));
            if (roles) await this.roles.rolesWritten(ctx, id, desired);
            let told = tellChange(change);
            deactivated = change.kind === 'deactivate' && !suspended;
            if (deactivated) told += await this.departures.deactivated(ctx, user, link.externalId);
            else if (change.kind === 'deactivate') told += ' The account stays usable in Strapi.';
            else if (change.kind === 'reactivate') told += await this.departures.reactivated(ctx, user);
            if (joined.adopted) told = `${TAKEN_OVER} ${told}`;
            // What gave or took roles raised the version once more.
            if (roles || change.kind === 'reactivate') user = (await directory.readUser(id)) ?? user;
            result.written = { user, link };
            const name = nameOf(user.resource);
            return {
              value: { objectId: id, objectName: name, remoteId: link.externalId, http: null, message: told },
              message: 'Account and link written.',
            };
          },
          explain: (error) => takenBy(this.deps, ctx, error, 'User', wanted, id),
        },
        inboundOptions(this.deps, ctx, context),
        this.deps
      )
    );
    const last = writtenIn(result);
    if (!deactivated || ONLY_BLOCKS.includes(ctx.connection.policies.onDeactivate.action)) return last;
    await this.departures.settleNow(id);
    // A policy may have removed the person at once: then this is the last that is known.
    return { ...last, user: (await directory.readUser(id)) ?? last.user };
  }

  /** What the account is to hold. Where the policy does nothing on `active: false`, only the link remembers it. */
  private accountState(ctx: ScimRequestContext, change: PlannedChange, user: LocalUser): { state: Resource; suspended: boolean } {
    const state = change.desired ?? user.resource;
    const changed = change.changes.some(({ path }) => path === 'active');
    const suspended = state.active === false && (changed ? this.departures.leavesUsable(ctx.connection) : user.resource.active !== false);
    return { state: suspended ? { ...state, active: user.resource.active } : state, suspended };
  }

  /** Read inside the transaction; the log learns the name with it. */
  private async present(ctx: ScimRequestContext, context: PipelineContext, conditions: WriteConditions, alsoHidden = false): Promise<LocalUser> {
    const { connection } = ctx;
    const id = context.objectId ?? '';
    const user = await this.deps.directoryOf(connection.population).readUser(id, connection.id);
    const isHidden = async (read: LocalUser): Promise<boolean> =>
      !alsoHidden && connection.policies.visibility === 'provisioned' && (await linksOf(this.deps.links, connection, [read])).length === 0;
    if (!user || (await isHidden(user))) throw new ProvisioningError('not-found', `There is no user with the id ${id}.`);
    context.objectName = nameOf(user.resource);
    if (conditions.ifMatch !== null && conditions.ifMatch !== '*') {
      if (!matchesVersion(conditions, await this.versionOf(ctx, user))) throw preconditionFailed();
    }
    return user;
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
  const kept = Object.fromEntries(Object.entries(keepOf(desired)).filter(([attribute]) => !shown.some((name) => name === attribute)));
  const extension = Object.entries((desired[STRAPI_USER_URN] ?? {}) as object).filter(([name]) => wroteExtension(joined, change, name));
  const { [STRAPI_USER_URN]: _all, ...rest } = kept;
  return { ...rest, schemas: desired.schemas, ...(extension.length > 0 ? { [STRAPI_USER_URN]: Object.fromEntries(extension) } : {}) };
}

/** Kept as a proof of who wrote it, so that its PUT may clear it; what is shown comes from the account. */
function wroteExtension({ link }: JoinedUser, { changes }: PlannedChange, name: string): boolean {
  const before = link.kept?.[STRAPI_USER_URN] as object | undefined;
  const path = `${STRAPI_USER_URN}:${name}`;
  return (before !== undefined && Object.hasOwn(before, name)) || changes.some((change) => change.path === path || change.path.startsWith(`${path}.`));
}

/** An address that was made of the userName follows it: the old one may soon be somebody else's. */
function withoutDerivedEmail(desired: Resource, { resource }: LocalUser, { link }: JoinedUser): Resource {
  const address = mainEmail(resource);
  const derived = link.kept?.emails === undefined && address !== null && normaliseName(address) === normaliseName(nameOf(resource));
  if (!derived || normaliseName(nameOf(desired)) === normaliseName(nameOf(resource)) || mainEmail(desired) !== address) return desired;
  const { emails: _derived, ...rest } = desired;
  return rest as Resource;
}

const KEPT = 'Attributes without a field in Strapi are kept with the link.';

const externalIdOf = (resource: Resource): string | null => (typeof resource.externalId === 'string' ? resource.externalId : null);

/** The account is gone with the request: nothing of it is left to be dealt with. */
const deletesAtOnce = ({ connection: { policies } }: ScimRequestContext): boolean => policies.onDelete.action === 'delete' && policies.onDelete.graceDays === 0;

/** Nothing is left to do once the account is blocked, or nothing at all. */
const ONLY_BLOCKS: readonly DepartureAction[] = ['block', 'nothing'];

const TAKEN_OVER = 'Taken over: the account existed before and belongs to this connection now.';

