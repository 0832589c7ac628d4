import { canonicalJson } from '../../domain/diff/canonical';
import { normaliseName } from '../../domain/identity/normalise';
import type { ComparisonCost } from '../filter/evaluate';
import { ScimError } from '../messages/error';

/** A thousand operations with a filter on a list of a hundred need 163,000. */
export const MAX_STEPS = 200_000;

/**
 * What the PATCH operations of one HTTP request may cost together, all operations of a Bulk too: comparisons, elements
 * visited, text written down. What is linear in the body is limited by the body; operations times elements times clauses
 * would not be, and nobody else is served meanwhile. Holds what was already computed of the same texts and elements.
 */
export class WorkBudget implements ComparisonCost {
  private spent = 0;
  private readonly folded = new Map<string, string>();
  private readonly identities = new WeakMap<object, string>();

  spend(steps: number): void {
    this.spent += steps;
    if (this.spent <= MAX_STEPS) return;
    throw new ScimError(400, 'The operations compare too many values with each other. Send fewer operations, or shorter filters, in one request.', 'tooMany', {
      code: 'too-large',
    });
  }

  fold(text: string): string {
    let folded = this.folded.get(text);
    if (folded === undefined) {
      folded = normaliseName(text);
      this.folded.set(text, folded);
    }
    return folded;
  }

  /** To be paid before a value is copied: elements and the members of objects. */
  visit(value: unknown, each = 1): void {
    if (!Array.isArray(value)) return this.spend(1 + membersOf(value));
    let members = 0;
    for (const element of value) members += membersOf(element);
    this.spend(1 + ((value.length * each * 2 + members) >> 3));
  }

  /** To be paid before a path is read, whose filter may be long. */
  read(path: string): void {
    this.spend(1 + (path.length >> 2));
  }

  canonical(value: unknown): string {
    const text = canonicalJson(value);
    this.spend(1 + (text.length >> 3));
    return text;
  }

  /** An element is never changed, only replaced: what it is known by is made once. */
  identity(element: unknown, make: () => string): string {
    if (typeof element !== 'object' || element === null) return make();
    let identity = this.identities.get(element);
    if (identity === undefined) {
      identity = make();
      this.identities.set(element, identity);
    }
    return identity;
  }
}

const membersOf = (value: unknown): number => (typeof value === 'object' && value !== null ? Object.keys(value).length : 0);
