import { ProvisioningError } from '../../domain/errors';
import { normaliseName } from '../../domain/identity/normalise';
import { mainEmail } from '../../domain/resource/emails';
import type { Resource } from '../../domain/resource/resource';
import type { LocalUser } from '../../ports/local-directory';
import { linksOf } from '../receive/links-of';
import type { PullContext, PullDeps } from './context';

/** Several accounts are as good as each other. */
export class Disputed extends ProvisioningError {
  constructor(
    message: string,
    attribute: string,
    /** SCIM ids. */
    readonly candidates: string[]
  ) {
    super('disputed', message, { attribute });
  }
}

/**
 * The account that a person of the source, who has no link yet, is the same as: by the connection's join rules in their
 * order, the first that finds anybody. Null: nobody; the account is made. Whether it may be taken over is decided where it
 * is written. Throws `disputed` where there are several, `uniqueness` where it belongs to somebody else who is still there.
 */
export async function matchLocal({ connection, source }: PullContext, ref: string, wanted: Resource, deps: PullDeps): Promise<LocalUser | null> {
  // Whoever left and comes back finds the account that was kept for them.
  if ((await deps.departures.findByExternalId(connection.id, ref)) !== null) return null;
  const directory = deps.directoryOf(connection.population);
  for (const attribute of connection.policies.joinBy) {
    const value = attribute === 'userName' ? String(wanted.userName) : mainEmail(wanted);
    if (value === null) continue;
    const [hit, ...others] = await directory.findUsers({ attribute, value: normaliseName(value) });
    if (hit === undefined) continue;
    if (others.length > 0) {
      const candidates = [hit, ...others].map((user) => user.ref);
      throw new Disputed(`${candidates.length} accounts have the ${attribute} ${value}: nobody can tell which one is meant.`, attribute, candidates);
    }
    const [link] = await linksOf(deps.links, connection, [await withLink(deps, connection.id, hit)]);
    const other = link?.externalId ?? null;
    // Its person may have been made anew at the source, under another id; or there are two of the same name or address.
    if (other !== null && other !== ref && (await source.read('User', other)) !== null) {
      throw new ProvisioningError('uniqueness', `${String(hit.resource.userName)} is the account of another person of the source (${other}) with the same ${attribute}.`, { attribute });
    }
    return hit;
  }
  return null;
}

/** A search does not read links. */
const withLink = async (deps: PullDeps, connectionId: number, user: LocalUser): Promise<LocalUser> =>
  user.link === undefined ? { ...user, link: await deps.links.get(connectionId, 'User', user.ref) } : user;
