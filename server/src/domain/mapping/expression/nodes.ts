import { charge, measured } from './budget';

type Evaluate = (evaluator: unknown, node: Node, context: unknown) => unknown;
type Check = (checker: { getType(name: string): unknown }, node: Node, context: unknown) => unknown;

/** A node of the syntax tree, with what its types do not tell: the hooks that the evaluator calls. */
export interface Node {
  op: string;
  args: unknown;
  start: number;
  meta: { evaluate?: Evaluate; check?: Check; alternate?: Node; macro?: { evaluate: Evaluate } };
  setMeta(name: string, value: unknown): Node;
}

const isNode = (value: object): value is Node => 'op' in value && 'args' in value && 'setMeta' in value;

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Every node below a value: operands, what macros became, and what they keep for later. */
export function nodesOf(root: unknown): Node[] {
  const found = new Set<Node>();
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (Array.isArray(value)) value.forEach(visit);
    else if (isNode(value)) {
      found.add(value);
      [value.args, value.meta.alternate, value.meta.macro].forEach(visit);
    } else if (isPlain(value)) Object.values(value).forEach(visit);
  };
  visit(root);
  return [...found];
}

const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined);

const MISSING: ReadonlySet<unknown> = new Set(['no_such_key', 'index_out_of_bounds']);

/** What a person lacks is null, however deep the path goes. */
const orNull =
  (evaluate: Evaluate): Evaluate =>
  (evaluator, node, context) => {
    try {
      return evaluate(evaluator, node, context);
    } catch (error) {
      if (MISSING.has(codeOf(error))) return null;
      throw error;
    }
  };

const counted =
  (evaluate: Evaluate): Evaluate =>
  (evaluator, node, context) => {
    charge(1);
    return measured(evaluate(evaluator, node, context));
  };

/** The language has no word for "nothing" between branches of different types; here null fits to all. */
export function loosenNull(nodes: Node[]): void {
  for (const node of nodes) {
    if (node.op === 'value' && node.args === null) node.setMeta('check', ((checker) => checker.getType('dyn')) satisfies Check);
  }
}

/** Once the tree is checked: every step is counted, every value measured, every access safe of null. */
export function guardNodes(nodes: Node[]): void {
  for (const node of nodes) {
    const { evaluate, macro } = node.meta;
    if (macro !== undefined) {
      const run = macro.evaluate;
      const isHas = 'macroHasProps' in macro;
      macro.evaluate = (evaluator, self, context) => {
        charge(1);
        const value = orNull(run)(evaluator, self, context);
        return isHas ? value === true : value;
      };
    } else if (evaluate !== undefined) {
      const isAccess = node.op === '.' || node.op === '[]';
      node.setMeta('evaluate', counted(isAccess ? orNull(evaluate) : evaluate));
    }
  }
  for (const { args, op } of nodes) {
    if (op !== 'comprehension') continue;
    const { iterable } = args as { iterable: Node };
    const { evaluate, alternate, macro } = iterable.meta;
    // A person without a list has none of its elements.
    const listOf = (value: unknown): unknown => value ?? [];
    if (macro !== undefined) {
      const run = macro.evaluate;
      macro.evaluate = (...parameters) => listOf(run(...parameters));
    } else if (alternate === undefined && evaluate !== undefined) {
      iterable.setMeta('evaluate', ((...parameters) => listOf(evaluate(...parameters))) satisfies Evaluate);
    }
  }
}

/** Name and arguments of a call; null for other nodes. */
export function callOf(node: Node): { name: string; args: Node[] } | null {
  if (node.op !== 'call' && node.op !== 'rcall') return null;
  const parts = node.args as [string, ...unknown[]];
  return { name: parts[0], args: (node.op === 'call' ? parts[1] : parts[2]) as Node[] };
}

