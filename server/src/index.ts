import config from './config';
import { bootstrap, destroy, register, routes, services } from './plugin';

/** Manifest of the server half. */
export default { register, bootstrap, destroy, config, routes, services };

export type { PluginConfig } from './config';
export type { ConnectionRef, ConnectionSummary, ProvisioningService, UserRef } from './contracts/service';
export type { EventName, EventPayloads } from './contracts/events';
