/** Filters of RFC 7644 section 3.4.2.2 as a tree. */

export const COMPARISON_OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];

/** An attribute path: `urn:...:User:name.givenName` is schema, attribute `name`, sub-attribute `givenName`. As written. */
export interface AttributePath {
  schema: string | null;
  attribute: string;
  subAttribute: string | null;
}

export type FilterValue = string | number | boolean | null;

export type Filter =
  | { kind: 'compare'; path: AttributePath; operator: ComparisonOperator; value: FilterValue }
  | { kind: 'present'; path: AttributePath }
  /**
   * `emails[type eq "work"]`; inside, paths are relative to the element. With `comparison` it is
   * `emails[type eq "work"].value eq "x"`, which Entra ID sends although the RFC's grammar lacks it.
   */
  | { kind: 'valuePath'; path: AttributePath; filter: Filter; comparison: ElementComparison | null }
  | { kind: 'and'; left: Filter; right: Filter }
  | { kind: 'or'; left: Filter; right: Filter }
  | { kind: 'not'; filter: Filter };

export type ElementComparison =
  | { subAttribute: string; operator: ComparisonOperator; value: FilterValue }
  | { subAttribute: string; operator: 'pr' };
