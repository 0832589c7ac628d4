export { default } from './server/src';
export type { ConnectionRef, ConnectionSummary, EventName, EventPayloads, PluginConfig, ProvisioningService, UserRef } from './server/src';
