import config from './config';
import { bootstrap, destroy, register, routes } from './plugin';

/** Manifest of the server half. */
export default { register, bootstrap, destroy, config, routes };

export type { PluginConfig } from './config';
