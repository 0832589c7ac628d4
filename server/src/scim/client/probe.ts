import type { ConnectionTestResult } from '../../contracts/connection';
import { ProvisioningError } from '../../domain/errors';
import { formatFilter } from '../filter/format';
import { isObject } from '../schema/json';
import type { TargetEndpoint } from './exchange';

type Step = ConnectionTestResult['steps'][number];

/**
 * Tries an application without writing: its description, then a search for a userName that nobody has, which must be
 * answered with an empty list (what Entra ID does before it starts). Stops at the first step that fails.
 */
export async function probeTarget(endpoint: TargetEndpoint, randomName: string): Promise<ConnectionTestResult> {
  const steps: Step[] = [];
  const step = async (name: string, work: () => Promise<string>): Promise<boolean> => {
    const startedAt = endpoint.now();
    const outcome = await work().then(
      (message) => ({ ok: true, message }),
      (error: unknown) => ({ ok: false, message: messageOf(error) })
    );
    steps.push({ name, ...outcome, durationMs: endpoint.now() - startedAt });
    return outcome.ok;
  };
  const ok =
    (await step('Read the service provider configuration', () => readConfig(endpoint))) &&
    (await step('Search for a user who does not exist', () => search(endpoint, randomName)));
  return { ok, steps };
}

async function readConfig(endpoint: TargetEndpoint): Promise<string> {
  const { status, body, exchange } = await endpoint.send('GET', '/ServiceProviderConfig', undefined, [404, 501]);
  if (status === 404 || status === 501) return 'The application does not publish its configuration, which is allowed; PATCH is tried and PUT used if it is refused.';
  if (body === null) throw new ProvisioningError('target-unexpected', 'The application answered without a configuration.', { exchange });
  const patch = isObject(body.patch) && body.patch.supported === true;
  return `The application speaks SCIM and ${patch ? 'supports PATCH' : 'does not announce PATCH'}.`;
}

async function search(endpoint: TargetEndpoint, name: string): Promise<string> {
  const filter = formatFilter({ kind: 'compare', path: { schema: null, attribute: 'userName', subAttribute: null }, operator: 'eq', value: name });
  const { body, exchange } = await endpoint.send('GET', `/Users?filter=${encodeURIComponent(filter)}&startIndex=1&count=1`);
  const fail = (message: string): ProvisioningError => new ProvisioningError('target-unexpected', message, { exchange });
  const total = body?.totalResults;
  const listed = Array.isArray(body?.Resources) ? body.Resources.length : 0;
  if (typeof total !== 'number') throw fail('The answer to a search is not a SCIM list.');
  if (total > 0 || listed > 0) throw fail('The application found users by a name that nobody has: it ignores filters, and people cannot be matched.');
  return 'The credentials were accepted and the search was answered with an empty list.';
}

const messageOf = (error: unknown): string => (error instanceof ProvisioningError ? error.message : 'The test failed unexpectedly.');
