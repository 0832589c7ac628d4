import type { MappingRule } from '../../contracts/mapping';
import type { Connection } from '../../domain/connection/connection';
import { diffResources } from '../../domain/diff/diff';
import { ProvisioningError } from '../../domain/errors';
import { mergeSharedList, sharedLists, type Mapping } from '../../domain/mapping/mapping';
import { clearAt, setValueAt, valueAt } from '../../domain/mapping/path';
import { planChange, type PlannedChange } from '../../domain/plan/change';
import type { Resource } from '../../domain/resource/resource';
import type { WantedState } from '../pipeline';
import type { Target } from './join-target';
import type { PushJob } from './push-user';

export const tellRules = ({ mapping, preset }: Connection): string =>
  mapping?.rules ? `the connection’s own rules, version ${mapping.version}` : `the preset ${preset}`;

/**
 * Names that have to be unique are chosen by asking the target, in the order of their candidates. What the person has
 * there already counts as free. Sets them in the mapping's resource.
 */
export async function chooseUnique(job: PushJob, { resource, results }: Mapping, ref: string | null): Promise<void> {
  for (const { target: attribute, candidates } of results) {
    if (candidates === undefined) continue;
    const directory = await job.target();
    let chosen: string | null = null;
    for (const candidate of candidates) {
      const holders = await directory.find('User', attribute, candidate);
      if (!holders.every((holder) => holder.ref === ref)) continue;
      chosen = candidate;
      break;
    }
    if (chosen === null) {
      throw new ProvisioningError('uniqueness', `${attribute}: all names of the rule are taken at the application.`, { attribute });
    }
    setValueAt(resource, attribute, chosen);
  }
}

/**
 * The application refused a new person as not unique: the next of their candidates. Searches of applications may be
 * behind, or stricter about case than their own uniqueness. False: there is nothing to choose from.
 */
export async function chooseAnother(job: PushJob, { resource, results }: Mapping, change: PlannedChange): Promise<boolean> {
  const open = results.flatMap(({ target, candidates }) => (candidates === undefined ? [] : [{ target, candidates }]));
  if (open.length === 0 || change.desired === null) return false;
  for (const { target, candidates } of open) candidates.splice(0, candidates.indexOf(String(valueAt(resource, target))) + 1);
  await chooseUnique(job, { resource, results }, null);
  Object.assign(change, planChange(change.before, { ...change.desired, ...resource }));
  return true;
}

/**
 * Where rules manage single elements of a list, the application may hold others. Before such a list is written it is
 * read, so that the others are written back as they are: applications replace lists as a whole.
 */
export async function withOthersElements(job: PushJob, rules: MappingRule[], target: Target, desired: Resource): Promise<WantedState> {
  const { known, ref } = target;
  if (ref === null || known === null) return { known, desired };
  const shared = sharedLists(rules);
  if (shared.length === 0) return { known, desired };
  const changed = diffResources(known, desired).map(({ path }) => path);
  const lists = shared.filter((list) => changed.includes(list));
  if (lists.length === 0) return { known, desired };
  const held = target.held ?? (await (await job.target()).read('User', ref))?.resource;
  if (held === undefined) throw new ProvisioningError('not-found', `${ref} no longer exists at the application.`);
  const states = { known: structuredClone(known), desired: structuredClone(desired) };
  for (const list of lists) {
    assign(states.known, list, valueAt(held, list));
    assign(states.desired, list, mergeSharedList(rules, list, held, desired));
  }
  return states;
}

function assign(resource: Resource, path: string, value: unknown): void {
  if (value === undefined) clearAt(resource, path);
  else setValueAt(resource, path, structuredClone(value));
}
