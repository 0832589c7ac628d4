import { withoutLiterals } from '../../domain/log/redact';

/** A password stays one where no schema declares it: it is not kept as an attribute nobody knows. */
export const isSecretName = (name: string): boolean => /(?:^|[:.])password$/i.test(name);

/** Names told of one request; more would only fill the log. */
const MAX_DROPPED = 50;

/** Remembers what was not taken: by name only, without what a filter in it compares, and not of any length. */
export function tellDropped(dropped: Set<string>, name: string): void {
  if (dropped.size < MAX_DROPPED) dropped.add(withoutLiterals(name).slice(0, 100));
}

/** The value without members called password, however deep; `onDrop` hears where each stood. */
export function withoutSecrets(value: unknown, path: string, onDrop: (path: string) => void): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => withoutSecrets(item, path, onDrop));
  const kept: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    const inner = `${path}.${name}`;
    if (isSecretName(name)) onDrop(inner);
    else kept.push([name, withoutSecrets(member, inner, onDrop)]);
  }
  // fromEntries defines members, it does not assign them: an own `__proto__` stays data until it is dropped.
  return Object.fromEntries(kept);
}
