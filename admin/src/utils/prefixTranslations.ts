import { PLUGIN_ID } from '../pluginId';

/** Strapi merges the messages of all plugins into one object, so each key carries the plugin's id. */
export const prefixTranslations = (messages: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(messages).map(([key, text]) => [`${PLUGIN_ID}.${key}`, text]));
