/**
 * Form in which names are compared and kept in unique keys: NFKC, then full case folding, so that `STRASSE` and
 * `straße` or a full-width and a plain `A` are one name. userName is caseExact false (RFC 7643 section 4.1.1).
 */
export function normaliseName(name: string): string {
  // Lower case first: the capital sharp s has itself as capital, and only its small form unfolds.
  return name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
}
