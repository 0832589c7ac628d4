import type { AttributeChange } from '../../contracts/operation';
import { canonicalJson, hashOf } from '../diff/canonical';
import { diffResources } from '../diff/diff';
import { clearAt, setValueAt } from '../mapping/path';
import type { Resource } from '../resource/resource';
import { asWritten, isReturned } from './spelling';

/**
 * What is remembered of differences between what was written and what an application holds. Only fingerprints: the values
 * themselves are nobody's business once they were told.
 */
export interface KnownDrift {
  /** By attribute: fingerprints of what was written and of what the application has instead, and may keep for as long as neither changes. */
  own: Record<string, [written: string, held: string]>;
  /** Of the drift that was told last: told once, not in every run. */
  told: string | null;
}

export const NO_DRIFT: KnownDrift = { own: {}, told: null };

const print = (value: unknown): string =>
  hashOf(Array.isArray(value) ? value.map(canonicalJson).sort() : (value ?? null)).slice(0, 16);

const isOwn = ({ path, before, after }: AttributeChange, known: KnownDrift): boolean => {
  const own = Object.hasOwn(known.own, path) ? known.own[path] : undefined;
  return own !== undefined && own[0] === print(before) && own[1] === print(after);
};

/**
 * What was changed at the application since it was written: `before` is what was written, `after` what is there. Only
 * attributes that were written are looked at, and spelling that the schema says does not matter (RFC 7643 section 2.2) is no difference.
 */
export function driftOf(written: Resource, held: Resource, known: KnownDrift = NO_DRIFT): AttributeChange[] {
  return differences(written, held).filter((change) => !isOwn(change, known));
}

const differences = (written: Resource, held: Resource): AttributeChange[] =>
  diffResources(written, asWritten(written, held)).filter(({ path, before }) => before !== null && isReturned(path));

/** The written state, with what was changed there. */
export function withDrift(written: Resource, drift: readonly AttributeChange[]): Resource {
  const held = structuredClone(written);
  for (const { path, after } of drift) {
    if (after === null) clearAt(held, path);
    else setValueAt(held, path, structuredClone(after));
  }
  return held;
}

/** The application may keep these values until they change on either side. */
export const accepting = (known: KnownDrift, drift: readonly AttributeChange[]): KnownDrift => ({
  ...known,
  own: { ...known.own, ...Object.fromEntries(drift.map(({ path, before, after }): [string, [string, string]] => [path, [print(before), print(after)]])) },
});

/**
 * After a write: what the application made of the attributes that were sent. What it holds differently is its own way, and
 * no drift. Answers the attributes too of which it has kept its own value.
 */
export function afterWrite(known: KnownDrift, sent: readonly AttributeChange[], written: Resource, answer: Resource): { known: KnownDrift; kept: AttributeChange[] } {
  const paths = new Set(sent.map(({ path }) => path));
  const kept = differences(written, answer).filter(({ path }) => paths.has(path));
  const own = Object.fromEntries(Object.entries(known.own).filter(([path]) => !paths.has(path)));
  return { known: accepting({ ...known, own }, kept), kept };
}

/** Told before in the same words: nothing new. */
export const printOf = (drift: readonly AttributeChange[]): string | null =>
  drift.length === 0 ? null : hashOf(drift.map(({ path, before, after }) => [path, print(before), print(after)]).sort()).slice(0, 32);

