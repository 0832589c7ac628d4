import { ScimError, quoted } from '../messages/error';
import type { PatchPath } from '../patch/operation';
import { COMPARISON_OPERATORS, type AttributePath, type ComparisonOperator, type ElementComparison, type Filter, type FilterValue } from './ast';
import { invalidFilter, MAX_FILTER_LENGTH, tokenize, type Token } from './lexer';
import { splitAttributePath } from './path';

export const MAX_FILTER_DEPTH = 32;
export const MAX_FILTER_COMPARISONS = 100;

/** Parses a filter (RFC 7644 section 3.4.2.2). Throws ScimError 400 `invalidFilter`, or `tooMany` over 100 comparisons. */
export function parseFilter(text: string): Filter {
  const parser = new Parser(tokenize(text));
  const filter = parser.expression();
  parser.expectEnd();
  return filter;
}

/** Parses the path of a PATCH operation (RFC 7644 figure 7). Throws ScimError 400 `invalidPath`. */
export function parsePatchPath(text: string): PatchPath {
  const plain = text.length <= MAX_FILTER_LENGTH && !text.includes('[') ? splitAttributePath(text.trim()) : null;
  if (plain !== null) return { path: plain, filter: null, subAttribute: null };
  try {
    return new Parser(tokenize(text)).patchPath();
  } catch (error) {
    if (error instanceof ScimError && error.scimType === 'invalidFilter') {
      throw new ScimError(400, `path ${quoted(text)}: ${error.detail}`, 'invalidPath');
    }
    throw error;
  }
}

/** The path that a key of a value without a path is; null where it is none. */
export function patchPathIn(name: string): PatchPath | null {
  try {
    return parsePatchPath(name);
  } catch {
    return null;
  }
}

/** Recursive descent over the tokens. Each token is consumed once; recursion ends at MAX_FILTER_DEPTH. */
class Parser {
  private position = 0;
  private depth = 0;
  private comparisons = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  /** Lowest precedence: or, then and, then not and parentheses (RFC 7644 table 5). */
  expression(insideElement = false): Filter {
    this.depth += 1;
    if (this.depth > MAX_FILTER_DEPTH) throw invalidFilter(`The filter is nested deeper than ${MAX_FILTER_DEPTH} levels.`);
    let left = this.conjunction(insideElement);
    while (this.takeWord('or')) left = { kind: 'or', left, right: this.conjunction(insideElement) };
    this.depth -= 1;
    return left;
  }

  expectEnd(): void {
    const token = this.tokens[this.position];
    if (token !== undefined) throw invalidFilter(`The filter should end at position ${token.at + 1}.`);
  }

  patchPath(): PatchPath {
    const path = this.path();
    this.expect('[');
    const filter = this.expression(true);
    this.expect(']');
    const subAttribute = this.subAttribute();
    this.expectEnd();
    if (path.subAttribute !== null) throw invalidFilter('A filter follows an attribute, not a sub-attribute.');
    return { path, filter, subAttribute };
  }

  private conjunction(insideElement: boolean): Filter {
    let left = this.operand(insideElement);
    while (this.takeWord('and')) left = { kind: 'and', left, right: this.operand(insideElement) };
    return left;
  }

  private operand(insideElement: boolean): Filter {
    const next = this.tokens[this.position + 1];
    const negated = this.isWord('not') && next?.kind === '(';
    if (negated) this.position += 1;
    if (this.tokens[this.position]?.kind === '(') {
      this.position += 1;
      const filter = this.expression(insideElement);
      this.expect(')');
      return negated ? { kind: 'not', filter } : filter;
    }
    return this.attributeExpression(insideElement);
  }

  private attributeExpression(insideElement: boolean): Filter {
    const path = this.path();
    if (insideElement && (path.schema !== null || path.subAttribute !== null)) {
      throw invalidFilter('Inside [ ] only sub-attributes of the attribute before it can be compared.');
    }
    if (this.tokens[this.position]?.kind === '[') {
      if (insideElement || path.subAttribute !== null) throw invalidFilter('A [ ] can only follow an attribute of the resource.');
      this.position += 1;
      const filter = this.expression(true);
      this.expect(']');
      return { kind: 'valuePath', path, filter, comparison: this.elementComparison() };
    }
    if (this.takeWord('pr')) {
      this.countComparison();
      return { kind: 'present', path };
    }
    return { kind: 'compare', path, ...this.comparison() };
  }

  private elementComparison(): ElementComparison | null {
    const subAttribute = this.subAttribute();
    if (subAttribute === null) return null;
    if (this.takeWord('pr')) {
      this.countComparison();
      return { subAttribute, operator: 'pr' };
    }
    return { subAttribute, ...this.comparison() };
  }

  private comparison(): { operator: ComparisonOperator; value: FilterValue } {
    this.countComparison();
    const token = this.tokens[this.position];
    const operator = token?.kind === 'word' ? COMPARISON_OPERATORS.find((name) => name === token.text.toLowerCase()) : undefined;
    if (operator === undefined) throw this.unexpected('an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr)');
    this.position += 1;
    const value = this.value();
    if ((value === null || typeof value === 'boolean') && operator !== 'eq' && operator !== 'ne') {
      throw invalidFilter(`${String(value)} can only be compared with eq and ne.`);
    }
    if (typeof value === 'number' && (operator === 'co' || operator === 'sw' || operator === 'ew')) {
      throw invalidFilter(`A number cannot be compared with ${operator}.`);
    }
    return { operator, value };
  }

  private value(): FilterValue {
    const token = this.tokens[this.position];
    if (token?.kind === 'string' || token?.kind === 'number') {
      this.position += 1;
      return token.value;
    }
    for (const [word, value] of [['true', true], ['false', false], ['null', null]] as const) {
      if (this.takeWord(word)) return value;
    }
    throw this.unexpected('a value: a string in double quotes, a number, true, false or null');
  }

  private path(): AttributePath {
    const token = this.tokens[this.position];
    const path = token?.kind === 'word' ? splitAttributePath(token.text) : null;
    if (path === null) throw this.unexpected('an attribute');
    this.position += 1;
    return path;
  }

  /** `.value` directly behind `]`. */
  private subAttribute(): string | null {
    const token = this.tokens[this.position];
    if (token?.kind !== 'word' || !token.adjacent || !token.text.startsWith('.')) return null;
    const path = splitAttributePath(token.text.slice(1));
    if (path === null || path.schema !== null || path.subAttribute !== null) throw this.unexpected('a sub-attribute');
    this.position += 1;
    return path.attribute;
  }

  private countComparison(): void {
    this.comparisons += 1;
    if (this.comparisons > MAX_FILTER_COMPARISONS) {
      throw new ScimError(400, `The filter has more than ${MAX_FILTER_COMPARISONS} comparisons.`, 'tooMany');
    }
  }

  private isWord(word: string): boolean {
    const token = this.tokens[this.position];
    return token?.kind === 'word' && token.text.toLowerCase() === word;
  }

  private takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.position += 1;
    return true;
  }

  private expect(kind: Token['kind']): void {
    if (this.tokens[this.position]?.kind !== kind) throw this.unexpected(`"${kind}"`);
    this.position += 1;
  }

  private unexpected(wanted: string): ScimError {
    const token = this.tokens[this.position];
    return invalidFilter(token === undefined ? `The filter ends where ${wanted} should follow.` : `Position ${token.at + 1} should be ${wanted}.`);
  }
}
