import { guardedKind } from '../../domain/guard/limits';
import { heldAnswer } from '../../domain/guard/held-answer';
import { normaliseName } from '../../domain/identity/normalise';
import { tellChange, type PlannedChange } from '../../domain/plan/change';
import { LISTED_OBJECTS, type HoldObject } from '../../ports/hold-store';
import type { LocalUser } from '../../ports/local-directory';
import { ScimError } from '../../scim/messages/error';
import type { PipelineContext, PipelineGuard } from '../pipeline';
import type { Refusal } from './hold-keeper';
import { Passage, type PassageDeps } from './passage';

/**
 * One request of a provider. What it does is counted at the very end of its transaction, so that requests wait for each
 * other's counts as briefly as possible; only then is known, too, who got a role by it.
 */
export class InboundSession implements PipelineGuard {
  private passage: Passage | null = null;
  private readonly granted = new Map<string, HoldObject>();
  private unlisted = 0;
  private refusal: Refusal | null = null;

  constructor(
    private readonly deps: PassageDeps,
    private readonly context: PipelineContext
  ) {}

  async admit(change: PlannedChange): Promise<void> {
    const { context } = this;
    // A transaction that lost a deadlock is run again from the start.
    this.granted.clear();
    this.unlisted = 0;
    this.refusal = null;
    const kind = context.objectType === 'User' ? guardedKind(change.kind) : null;
    this.passage = kind === null ? null : await Passage.of(this.deps, context.connection, kind, [objectOf(context, tellChange(change))]);
    this.refuse(this.passage?.refusal ?? null);
  }

  /** Somebody got roles that they did not have. */
  grant(user: LocalUser, roleIds: readonly number[]): void {
    const name = String(user.resource.userName);
    // The id of somebody who is being created is another one next time.
    const isNew = this.context.objectType === 'User' && this.context.objectId === null;
    const key = isNew ? normaliseName(name) : user.ref;
    const asked = `Gets ${roleIds.length === 1 ? 'the role' : 'the roles'} ${roleIds.join(', ')}.`;
    if (this.granted.size >= LISTED_OBJECTS && !this.granted.has(key)) this.unlisted += 1;
    else this.granted.set(key, { key: cut(key), objectId: isNew ? null : user.ref, name: cut(name), asked });
  }

  async count(): Promise<void> {
    await this.finish(this.passage);
    if (this.granted.size === 0) return;
    const passage = await Passage.of(this.deps, this.context.connection, 'role-grant', [...this.granted.values()], this.unlisted);
    this.refuse(passage.refusal);
    await this.finish(passage);
  }

  async failed(): Promise<boolean> {
    if (this.refusal === null) return true;
    return this.deps.keeper.refuse(this.context, this.refusal);
  }

  private async finish(passage: Passage | null): Promise<void> {
    if (passage === null) return;
    this.refuse(await passage.count());
    await passage.use();
  }

  private refuse(refusal: Refusal | null): void {
    if (refusal === null) return;
    this.refusal = refusal;
    const { status, headers } = heldAnswer(this.context.connection);
    throw new ScimError(status, toldHeld(refusal), undefined, { code: 'guard-held', headers });
  }
}

/** Longest value of the columns it is kept in. */
const LONGEST = 255;

const cut = (text: string): string => text.slice(0, LONGEST);

export const toldHeld = ({ verdict }: Refusal): string => `${verdict.message} Nothing was changed; it waits until an administrator approves it in Strapi.`;

export function objectOf({ objectId, objectName }: PipelineContext, asked: string): HoldObject {
  const name = objectName ?? objectId ?? '';
  return { key: cut(objectId ?? normaliseName(name)), objectId, name: cut(name), asked };
}
