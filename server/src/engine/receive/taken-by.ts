import { ProvisioningError } from '../../domain/errors';
import { normaliseName } from '../../domain/identity/normalise';
import { mainEmail } from '../../domain/resource/emails';
import type { Resource } from '../../domain/resource/resource';
import type { ActorContext } from '../../ports/scim-service';
import type { ReceiveDeps } from './deps';

/**
 * A refusal because a value is taken, with the id of the resource that has it, so that the client can find its record.
 * Only where the connection may see that resource; any other error stays as it is. After the transaction that failed.
 */
export async function takenBy(deps: ReceiveDeps, ctx: ActorContext, error: unknown, type: 'User' | 'Group', wanted: Resource | null, ownId: string | null): Promise<unknown> {
  if (!(error instanceof ProvisioningError) || error.code !== 'uniqueness' || wanted === null) return error;
  const { attribute } = error;
  const ids = type === 'User' ? await usersWith(deps, ctx, attribute, wanted) : await groupsWith(deps, ctx, attribute, wanted);
  const id = ids.find((other) => other !== ownId);
  if (id === undefined) return error;
  const options = { cause: error, ...(attribute === undefined ? {} : { attribute }) };
  return new ProvisioningError('uniqueness', `${error.message} The id of that ${type.toLowerCase()} is ${id}.`, options);
}

async function usersWith({ links, directoryOf }: ReceiveDeps, { connection }: ActorContext, attribute: string | undefined, wanted: Resource): Promise<string[]> {
  if (attribute === 'externalId') {
    const link = await links.findByExternalId(connection.id, 'User', String(wanted.externalId));
    return link === null ? [] : [link.localId];
  }
  const name = attribute === 'userName' ? String(wanted.userName) : attribute === 'emails' ? mainEmail(wanted) : null;
  if (name === null) return [];
  const value = normaliseName(name);
  const directory = directoryOf(connection.population);
  const named = await directory.findUsers({ attribute: 'userName', value });
  // The address of a protected account is shown to nobody.
  const addressed = (await directory.findUsers({ attribute: 'email', value })).filter((user) => user.protection === null);
  const found = [...named, ...addressed].map((user) => user.ref);
  if (connection.policies.visibility === 'all') return found;
  const own = new Set((await links.getMany(connection.id, 'User', found)).map((link) => link.localId));
  return found.filter((id) => own.has(id));
}

async function groupsWith({ groups }: ReceiveDeps, { connection: { id: connectionId } }: ActorContext, attribute: string | undefined, wanted: Resource): Promise<string[]> {
  const value = attribute === 'externalId' ? { externalId: String(wanted.externalId) } : attribute === 'displayName' ? { displayNameNorm: normaliseName(String(wanted.displayName)) } : null;
  return value === null ? [] : (await groups.query({ connectionId, ...value }, 0, 2)).map((group) => group.scimId);
}
