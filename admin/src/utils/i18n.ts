import { useCallback } from 'react';
import { useIntl } from 'react-intl';
import { PLUGIN_ID } from '../pluginId';

/** Id (without the plugin's prefix) and English text of a message; spread it into `t`: `t(...LABEL)`. */
export type Message = readonly [id: string, text: string];

/** Marks a message that stands in a table of labels rather than in a call of `t`. */
export const msg = (id: string, text: string): Message => [id, text];

export type MessageValues = Record<string, string | number | boolean | Date | null | undefined>;
export type Translate = (id: string, text: string, values?: MessageValues) => string;

export const useT = (): Translate => {
  const { formatMessage } = useIntl();
  return useCallback<Translate>(
    (id, text, values) => formatMessage({ id: `${PLUGIN_ID}.${id}`, defaultMessage: text }, values),
    [formatMessage]
  );
};
