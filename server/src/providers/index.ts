import { generic } from './generic';
import type { Preset } from './preset';

const PRESETS: ReadonlyMap<string, Preset> = new Map([generic].map((preset) => [preset.id, preset]));

export const presetOf = (id: string): Preset => PRESETS.get(id) ?? generic;
