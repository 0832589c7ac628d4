/** What was done, what should have come, what came: collected while the demo runs, printed as a table at the end. */
import { say } from './progress.mjs';

/**
 * @typedef {object} Row
 * @property {string} who
 * @property {string} step
 * @property {string} request
 * @property {string} expected
 * @property {string} got
 * @property {boolean} ok
 */

/** What one step notes while it runs. */
export class Step {
  constructor() {
    this.request = '';
    this.got = '';
    /** @type {string[]} */
    this.problems = [];
  }

  /**
   * Notes the answer and checks its status.
   * @param {import('./scim-http.mjs').ScimAnswer} answer
   * @param {...number} statuses
   */
  answered(answer, ...statuses) {
    if (!this.request) {
      this.request = answer.request;
      this.got = String(answer.status);
    }
    const detail = typeof answer.body?.detail === 'string' ? ` (${answer.body.detail})` : '';
    this.check(statuses.includes(answer.status), `${answer.request} was answered with ${answer.status}${detail}`);
    const hasBody = answer.body !== null && answer.body !== '';
    const type = answer.headers.get('content-type') ?? '';
    this.check(!hasBody || type.startsWith('application/scim+json'), `content type ${type}`);
    if (answer.status === 204) this.check(!hasBody, '204 with a body');
    return answer.body;
  }

  /**
   * @param {unknown} condition
   * @param {string} problem what is wrong when it does not hold
   */
  check(condition, problem) {
    if (!condition) this.problems.push(problem);
  }

  /**
   * @param {string} what
   * @param {unknown} got
   * @param {unknown} wanted
   */
  equal(what, got, wanted) {
    this.check(JSON.stringify(got) === JSON.stringify(wanted), `${what} is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
  }
}

export class Report {
  constructor() {
    /** @type {Row[]} */
    this.rows = [];
  }

  /**
   * @template T
   * @param {{ who: string, step: string, expected: string, request?: string }} about
   * @param {(step: Step) => Promise<T>} work
   * @returns {Promise<T | null>} null when the step threw
   */
  async step(about, work) {
    const step = new Step();
    step.request = about.request ?? '';
    let result = null;
    try {
      result = await work(step);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
      step.problems.push(`${error instanceof Error ? error.message : String(error)}${cause}`);
    }
    const ok = step.problems.length === 0;
    const got = [step.got, ...step.problems].filter(Boolean).join('; ') || 'as expected';
    this.rows.push({ who: about.who, step: about.step, request: step.request, expected: about.expected, got, ok });
    say(`  ${ok ? 'ok    ' : 'FAILED'} ${about.who}: ${about.step}${ok ? '' : ` - ${got}`}`);
    return result;
  }

  get failed() {
    return this.rows.filter((row) => !row.ok).length;
  }

  print() {
    const cut = (/** @type {string} */ text, /** @type {number} */ width) => (text.length > width ? `${text.slice(0, width - 3)}...` : text);
    const header = ['', 'who', 'step', 'request', 'expected', 'got', 'ok'];
    const widths = [3, 12, 42, 52, 46, 46, 3];
    const shortIds = (/** @type {string} */ text) => text.replace(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f-]{22,}/gi, '$1~');
    const lines = this.rows.map((row, index) => [
      String(index + 1),
      row.who,
      row.step,
      shortIds(row.request),
      row.expected,
      row.got,
      row.ok ? 'yes' : 'NO',
    ]);
    const used = widths.map((width, column) => Math.min(width, Math.max(...[header, ...lines].map((line) => line[column]?.length ?? 0))));
    const print = (/** @type {string[]} */ line) =>
      say(line.map((text, column) => cut(text, used[column] ?? 10).padEnd(used[column] ?? 10)).join('  ').trimEnd());
    say();
    print(header);
    print(used.map((width) => '-'.repeat(width)));
    lines.forEach(print);
    for (const row of this.rows.filter((candidate) => !candidate.ok)) {
      say(`\nNOT as it should be: ${row.who}: ${row.step}\n  request:  ${row.request}\n  expected: ${row.expected}\n  got:      ${row.got}`);
    }
    say();
    say(this.failed === 0 ? `All ${this.rows.length} steps did what they should.` : `${this.failed} of ${this.rows.length} steps did not do what they should.`);
  }
}
