import type { Connection } from '../../domain/connection/connection';
import { outboundOf } from '../../domain/connection/outbound';
import { hashOf } from '../../domain/diff/canonical';

/** Fingerprint of what decides about everybody: a plan holds for the connection it was made for only. */
export const baseOf = (connection: Connection): string => {
  const { direction, population, system, preset, targetUrl, mapping, policies } = connection;
  // When changes are sent says nothing of what is sent.
  const { realTime: _realTime, ...outbound } = outboundOf(connection);
  return hashOf({ direction, population, system, preset, targetUrl, mapping, policies, outbound });
};
