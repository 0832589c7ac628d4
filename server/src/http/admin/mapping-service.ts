import { errors } from '@strapi/utils';
import type { MappingImpact, MappingInfo, MappingPreview, MappingRule, RuleResult } from '../../contracts/mapping';
import type { Container } from '../../container';
import { isPulled } from '../../domain/connection/connection';
import { checkRules } from '../../domain/mapping/check';
import { ProvisioningError } from '../../domain/errors';
import { measureImpact, previewMapping, type EffectDeps } from '../../engine/push/mapping-effect';
import { presetOf, rulesOf } from '../../providers';
import type { StoredConnection } from '../../strapi/connection-store';
import { refuseUnusable } from './mapping-validation';
import { refuseField } from './validation';

/** How long "how many users would change" may take; what it saw by then is the answer. */
const IMPACT_LIMIT_MS = 10_000;

interface Publication {
  rules?: MappingRule[] | null | undefined;
  restoreVersion?: number | undefined;
  baseVersion?: number | undefined;
}

/** Mappings of outbound connections as people edit them. */
export class MappingService {
  constructor(private readonly container: Container) {}

  async get(connection: StoredConnection): Promise<MappingInfo> {
    onlyMapped(connection);
    const versions = await this.container.mappings.versions(connection.id);
    return {
      version: connection.mapping?.version ?? 0,
      isPreset: connection.mapping?.rules == null,
      // Pulled without rules: everything as the source says it.
      rules: isPulled(connection) ? (connection.mapping?.rules ?? []) : rulesOf(connection),
      preset: isPulled(connection) ? [] : presetOf(connection.preset).outbound.mapping,
      versions,
    };
  }

  /** From now on people are written by these rules; everybody is looked at anew. */
  async publish(connection: StoredConnection, input: Publication, publishedBy: string): Promise<MappingInfo> {
    onlyMapped(connection);
    const rules = input.restoreVersion === undefined ? (input.rules ?? null) : await this.rulesOfVersion(connection, input.restoreVersion);
    if (rules !== null) refuseUnusable(rules);
    try {
      await this.container.mappings.publish(connection.id, rules, publishedBy, input.baseVersion);
    } catch (error) {
      if (error instanceof ProvisioningError && error.code === 'version-mismatch') refuseField('baseVersion', error.message);
      throw error;
    }
    await this.container.requeue.run();
    const stored = await this.container.connections.get(connection.id);
    if (stored === null) throw new errors.NotFoundError('This connection does not exist (any more).');
    return this.get(stored);
  }

  /** Rules that cannot be used are results of their own, so that the others can be looked at while one is being written. */
  async preview(connection: StoredConnection, input: { userId: string | number; rules?: MappingRule[] | null | undefined }): Promise<MappingPreview | null> {
    onlyOutbound(connection);
    const rules = this.candidate(connection, input.rules);
    const problems = new Map(checkRules(rules).reverse().map((problem) => [problem.index, problem]));
    const usable = rules.filter((_rule, index) => !problems.has(index));
    const scimId = await this.scimIdOf(connection, input.userId);
    const preview = scimId === null ? null : await previewMapping(this.deps, connection, usable, scimId);
    if (preview === null || problems.size === 0) return preview;
    const results = preview.rules.values();
    const all = rules.map((rule, index): RuleResult => {
      const problem = problems.get(index);
      if (problem === undefined) return results.next().value ?? { target: rule.target, outcome: 'off' };
      const { message, line, column } = problem;
      return { target: rule.target, outcome: 'error', message, ...(line === undefined || column === undefined ? {} : { line, column }) };
    });
    return { ...preview, after: null, changes: [], rules: all };
  }

  async impact(connection: StoredConnection, input: { rules?: MappingRule[] | null | undefined }): Promise<MappingImpact> {
    onlyOutbound(connection);
    const rules = this.candidate(connection, input.rules);
    refuseUnusable(rules);
    return measureImpact(this.deps, connection, rules, IMPACT_LIMIT_MS);
  }

  /** Left out: the rules in force. Null: the preset's. */
  private candidate(connection: StoredConnection, rules: MappingRule[] | null | undefined): MappingRule[] {
    return rules === undefined ? rulesOf(connection) : (rules ?? presetOf(connection.preset).outbound.mapping);
  }

  private async rulesOfVersion(connection: StoredConnection, version: number): Promise<MappingRule[] | null> {
    if (version === 0) return null;
    const found = await this.container.mappings.version(connection.id, version);
    return found === null ? refuseField('restoreVersion', 'There is no such version.') : found.rules;
  }

  private async scimIdOf({ population }: StoredConnection, userId: string | number): Promise<string | null> {
    if (typeof userId === 'string') return userId;
    const [identity] = await this.container.populations[population].identities.byAccountIds([userId]);
    return identity?.scimId ?? null;
  }

  private get deps(): EffectDeps {
    const { links, populations, now } = this.container;
    return { clock: { now }, links, directoryOf: (population) => populations[population].directory };
  }
}

function onlyMapped(connection: StoredConnection): void {
  if (!isPulled(connection)) onlyOutbound(connection);
}

function onlyOutbound({ direction }: StoredConnection): void {
  if (direction !== 'outbound') throw new errors.ValidationError('Only outbound connections have a mapping.');
}
