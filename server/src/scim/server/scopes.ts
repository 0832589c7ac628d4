import type { TokenScope } from '../../contracts/connection';
import { OBJECT_TYPES, type ObjectType } from '../../contracts/operation';
import { ScimError } from '../messages/error';

const SCOPE_OF: Readonly<Record<ObjectType, TokenScope>> = { User: 'users', Group: 'groups' };

const DENIED = { code: 'not-permitted' } as const;

/** Resource types that a token may see. One that names none may see all. */
export function typesInScope(scopes: readonly TokenScope[]): ObjectType[] {
  const named = OBJECT_TYPES.filter((type) => scopes.includes(SCOPE_OF[type]));
  return named.length === 0 ? [...OBJECT_TYPES] : named;
}

/** Throws 403 where the token may not touch resources of this type. */
export function requireType(scopes: readonly TokenScope[], type: ObjectType): void {
  if (typesInScope(scopes).includes(type)) return;
  throw new ScimError(403, `This token is limited to ${typesInScope(scopes).map((name) => SCOPE_OF[name]).join(' and ')}; it lacks the scope "${SCOPE_OF[type]}".`, undefined, DENIED);
}

/** Throws 403 where the token may only read. */
export function requireWrite(scopes: readonly TokenScope[]): void {
  if (scopes.includes('read-only')) throw new ScimError(403, 'This token has the scope "read-only"; it may not create, change or delete anything.', undefined, DENIED);
}
