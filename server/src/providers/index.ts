import type { MappingRule } from '../contracts/mapping';
import type { Connection } from '../domain/connection/connection';
import { generic } from './generic';
import type { Preset } from './preset';

const PRESETS: ReadonlyMap<string, Preset> = new Map([generic].map((preset) => [preset.id, preset]));

export const presetOf = (id: string): Preset => PRESETS.get(id) ?? generic;

/** The rules by which a connection writes to its target: its own, or the preset's. */
export const rulesOf = ({ mapping, preset }: Pick<Connection, 'mapping' | 'preset'>): MappingRule[] =>
  mapping?.rules ?? presetOf(preset).outbound.mapping;
