/** Mappings as the admin API sends and accepts them. The admin panel imports these as types only. */
import type { AttributeChange } from './operation';

export const RULE_TIMES = ['always', 'on-create', 'never'] as const;
/** `on-create`: written when the object is made, left alone afterwards. `never`: the rule is switched off. */
export type RuleTime = (typeof RULE_TIMES)[number];

export const EMPTY_POLICIES = ['clear', 'leave'] as const;
/** What an empty result does to the target's value. */
export type EmptyPolicy = (typeof EMPTY_POLICIES)[number];

export type RuleSource =
  /** SCIM attribute path at the source, value paths such as `emails[type eq "work"].value` too. */
  | { kind: 'direct'; path: string }
  | { kind: 'constant'; value: unknown }
  /** CEL with the functions of `docs/mapping.md`. */
  | { kind: 'expression'; expression: string };

/** source -> target for one attribute. */
export interface MappingRule {
  /** SCIM attribute path at the target. */
  target: string;
  source: RuleSource;
  when: RuleTime;
  /** Used where the source is empty. */
  default?: unknown;
  emptyPolicy: EmptyPolicy;
}

/** As accepted: `when` is `always` and `emptyPolicy` is `clear` where they are left out. */
export type MappingRuleInput = Omit<MappingRule, 'when' | 'emptyPolicy'> & Partial<Pick<MappingRule, 'when' | 'emptyPolicy'>>;

/** One publication. `rules` null: the preset's were chosen again. */
export interface MappingVersion {
  version: number;
  publishedAt: string;
  publishedBy: string;
  rules: MappingRule[] | null;
  /** False: people are still being queued, to be looked at anew. */
  queued: boolean;
}

/** `GET /connections/:id/mapping`, and the answer to `PUT`. */
export interface MappingInfo {
  /** 0: nothing was ever published, the preset's rules hold. */
  version: number;
  /** Whether the rules in force are the preset's. */
  isPreset: boolean;
  rules: MappingRule[];
  /** The preset's rules, to begin with or to compare. */
  preset: MappingRule[];
  /** Newest first, at most 50. */
  versions: MappingVersion[];
}

/** Body of `PUT /connections/:id/mapping`: new rules, null for the preset's, or a version to take back. */
export interface MappingUpdate {
  rules?: MappingRuleInput[] | null;
  /** Publishes the rules of this version again, as a new version. */
  restoreVersion?: number;
  /** The version the change was made from: refused where another one holds by now. */
  baseVersion?: number;
}

/** Why a rule is refused, and where. Lines and columns count from 1 and are those of the expression. */
export interface RuleProblem {
  /** Position of the rule in the list. */
  index: number;
  /** Path of the field within the rule: `target`, `source.expression` ... Empty: the rule as a whole. */
  field: string;
  message: string;
  line?: number;
  column?: number;
}

/** What one rule does to one person. */
export interface RuleResult {
  target: string;
  /**
   * `value`: from the source. `default`: the source is empty. `empty`: nothing to write, the attribute is cleared.
   * `kept`: the target's value stays. `off`: the rule never applies. `error`: see `message`.
   */
  outcome: 'value' | 'default' | 'empty' | 'kept' | 'off' | 'error';
  value?: unknown;
  message?: string;
  /** Of a value that has to be unique at the target: the first that is free is taken when it is written. */
  candidates?: string[];
  line?: number;
  column?: number;
}

/** Body of `POST /connections/:id/mapping/preview`. */
export interface MappingPreviewInput {
  /** SCIM id, or the number of the account in Strapi. */
  userId: string | number;
  /** Left out: the rules in force. */
  rules?: MappingRuleInput[] | null;
}

export interface MappingPreview {
  userId: string;
  userName: string | null;
  linked: boolean;
  /** What the target holds as far as the rules manage it; null: it does not know the person. */
  before: Record<string, unknown> | null;
  /** Null where a rule fails: then nothing is written. */
  after: Record<string, unknown> | null;
  changes: AttributeChange[];
  rules: RuleResult[];
}

/** Body of `POST /connections/:id/mapping/impact`. */
export interface MappingImpactInput {
  rules?: MappingRuleInput[] | null;
}

export interface MappingImpact {
  /** Links of the connection that were looked at. */
  examined: number;
  changed: number;
  unchanged: number;
  /** Users that a rule fails for. */
  failed: number;
  /** False: the time was up, there are more. */
  complete: boolean;
  /** How many users change in which attribute, most first; at most 50 attributes. */
  attributes: { path: string; users: number }[];
  /** The first users that change, and the first that fail. */
  examples: { userId: string; userName: string | null; changes: AttributeChange[] }[];
  failures: { userId: string; userName: string | null; message: string }[];
}
