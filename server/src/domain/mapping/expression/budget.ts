import { EvaluationError } from '@marcbachmann/cel-js';

/** What one expression may be and do. Counted in steps, not in time: the same expression ends the same way everywhere. */
export const LIMITS = {
  /** Characters of an expression. */
  source: 4_000,
  nodes: 500,
  depth: 30,
  /** Elements of a list or map that is written out. */
  literals: 100,
  /** Elements of a list that an expression reads or makes. */
  list: 1_000,
  /** Characters of a text that an expression reads or makes. */
  text: 65_536,
  /** One per evaluated node, more for what works through texts. Some 50 are usual; all of them take less than half a second. */
  steps: 20_000,
  /** Characters of a pattern, and the size of the program it becomes. */
  pattern: 500,
  program: 2_000,
  candidates: 50,
} as const;

/** An error of an expression that a function finds; the position is added by the evaluator. */
export const fault = (message: string): EvaluationError => new EvaluationError({ code: 'mapping', message });

export const EXHAUSTED = `This takes more than ${LIMITS.steps.toLocaleString('en')} steps.`;

let steps = 0;

/** Takes steps from what is left. Evaluation is synchronous and never nested, so that one counter is enough. */
export function charge(cost: number): void {
  steps -= cost;
  if (steps < 0) throw fault(EXHAUSTED);
}

/** Whether steps ran out; the operators of the language may have swallowed the error. */
export const isExhausted = (): boolean => steps < 0;

export const refill = (): void => {
  steps = LIMITS.steps;
};

/** Every value an expression makes passes here, so that none grows without bound. */
export function measured<T>(value: T): T {
  if (typeof value === 'string') {
    if (value.length > LIMITS.text) throw fault(`A text is longer than ${LIMITS.text.toLocaleString('en')} characters.`);
    charge(value.length / 256);
  } else if (Array.isArray(value) && value.length > LIMITS.list) {
    throw fault(`A list has more than ${LIMITS.list.toLocaleString('en')} elements.`);
  }
  return value;
}
