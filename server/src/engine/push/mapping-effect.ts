import type { MappingImpact, MappingPreview, MappingRule } from '../../contracts/mapping';
import type { AttributeChange } from '../../contracts/operation';
import type { Connection } from '../../domain/connection/connection';
import { applyRules, reduceResource, type Mapping } from '../../domain/mapping/mapping';
import { planChange } from '../../domain/plan/change';
import { presentUser } from '../../domain/resource/present';
import type { Resource } from '../../domain/resource/resource';
import type { Clock } from '../../ports/clock';
import type { Link, LinkStore } from '../../ports/link-store';
import type { LocalDirectory, LocalUser } from '../../ports/local-directory';

export interface EffectDeps {
  clock: Clock;
  links: LinkStore;
  directoryOf(population: Connection['population']): LocalDirectory;
}

interface Effect {
  known: Resource | null;
  mapping: Mapping;
  changes: AttributeChange[];
  failure: string | null;
}

/** What rules would do to one person. Reads, asks no target, changes nothing. Null: there is no such person. */
export async function previewMapping(deps: EffectDeps, connection: Connection, rules: MappingRule[], scimId: string): Promise<MappingPreview | null> {
  const user = await deps.directoryOf(connection.population).readUser(scimId);
  if (user === null) return null;
  const links = await deps.links.ofObject('User', scimId);
  const link = links.find((item) => item.connectionId === connection.id) ?? null;
  const { known, mapping, changes, failure } = effectOf(rules, user, link, links.find((item) => item.kept !== null) ?? null);
  return {
    userId: scimId,
    userName: nameOf(user),
    linked: link !== null,
    before: known,
    after: failure === null ? mapping.resource : null,
    changes: failure === null ? changes : [],
    rules: mapping.results,
  };
}

const PAGE = 200;
const SHOWN = 10;
const ATTRIBUTES = 50;

/** How many linked users rules would change: page by page, never more of them in memory, for at most `limitMs`. */
export async function measureImpact(deps: EffectDeps, connection: Connection, rules: MappingRule[], limitMs: number): Promise<MappingImpact> {
  const until = deps.clock.now() + limitMs;
  const attributes = new Map<string, number>();
  const impact: MappingImpact = { examined: 0, changed: 0, unchanged: 0, failed: 0, complete: false, attributes: [], examples: [], failures: [] };
  const isTimeUp = (): boolean => deps.clock.now() >= until;
  for (let after: number | null = 0; after !== null && !isTimeUp(); ) {
    const page = await deps.links.linksPage(connection.id, 'User', after, PAGE);
    const ids = page.links.map((link) => link.localId);
    const users = new Map((await deps.directoryOf(connection.population).readUsers(ids)).map((user) => [user.ref, user]));
    const inbound = new Map((await deps.links.inboundOf('User', ids)).map((link) => [link.localId, link]));
    for (const link of page.links) {
      const user = users.get(link.localId);
      // Gone: what is to become of them has nothing to do with the rules.
      if (user === undefined) continue;
      if (isTimeUp()) break;
      impact.examined += 1;
      count(impact, attributes, user, effectOf(rules, user, link, inbound.get(link.localId) ?? null));
      // Rules may be dear: others get their turn between two people.
      await new Promise((resolve) => setImmediate(resolve));
    }
    after = page.next;
    impact.complete = after === null && !isTimeUp();
  }
  const most = [...attributes].sort(([, a], [, b]) => b - a).slice(0, ATTRIBUTES);
  return { ...impact, attributes: most.map(([path, users]) => ({ path, users })) };
}

function count(impact: MappingImpact, attributes: Map<string, number>, user: LocalUser, { changes, failure }: Effect): void {
  const who = { userId: user.ref, userName: nameOf(user) };
  if (failure !== null) {
    impact.failed += 1;
    if (impact.failures.length < SHOWN) impact.failures.push({ ...who, message: failure });
    return;
  }
  if (changes.length === 0) {
    impact.unchanged += 1;
    return;
  }
  impact.changed += 1;
  if (impact.examples.length < SHOWN) impact.examples.push({ ...who, changes });
  for (const { path } of changes) attributes.set(path, (attributes.get(path) ?? 0) + 1);
}

function effectOf(rules: MappingRule[], user: LocalUser, link: Link | null, inbound: Link | null): Effect {
  const source = presentUser(user.resource, inbound?.kept ?? null, user.ref);
  const known = link === null ? null : reduceResource(rules, link.snapshot ?? { schemas: [] });
  const mapping = applyRules(rules, source, known);
  const failed = mapping.results.find((result) => result.outcome === 'error');
  return {
    known,
    mapping,
    changes: planChange(known, mapping.resource).changes,
    failure: failed === undefined ? null : `The rule for ${failed.target} failed: ${failed.message}`,
  };
}

const nameOf = ({ resource }: LocalUser): string | null => (typeof resource.userName === 'string' ? resource.userName : null);
