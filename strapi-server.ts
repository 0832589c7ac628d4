export { default } from './server/src';
export type { PluginConfig } from './server/src';
