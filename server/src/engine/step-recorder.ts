import type { OperationStep, StepName } from '../contracts/operation';
import { ProvisioningError } from '../domain/errors';
import type { Clock } from '../ports/clock';

/** What a step says about itself. */
export interface StepReport<T> {
  message: string;
  outcome?: OperationStep['outcome'];
  value: T;
}

/** Runs the steps of one operation and keeps what happened, for the log. A step that throws is recorded as failed. */
export class StepRecorder {
  readonly steps: OperationStep[] = [];

  constructor(private readonly clock: Clock) {}

  async run<T>(name: StepName, work: () => Promise<StepReport<T>> | StepReport<T>): Promise<T> {
    const startedAt = this.clock.now();
    try {
      const report = await work();
      this.add(name, report.outcome ?? 'ok', report.message, startedAt);
      return report.value;
    } catch (error) {
      const refused = error instanceof ProvisioningError && REFUSALS.has(error.code);
      this.add(name, refused ? 'refused' : 'failed', messageOf(error), startedAt);
      throw error;
    }
  }

  private add(name: StepName, outcome: OperationStep['outcome'], message: string, startedAt: number): void {
    this.steps.push({ name, outcome, message, durationMs: this.clock.now() - startedAt });
  }
}

/** Codes that mean "we said no", as opposed to "it broke". */
const REFUSALS: ReadonlySet<string> = new Set([
  'invalid-value',
  'invalid-syntax',
  'invalid-filter',
  'uniqueness',
  'not-found',
  'protected',
  'not-adoptable',
  'linked-elsewhere',
  'too-large',
  'version-mismatch',
  'not-permitted',
  'guard-held',
  'stale',
]);

export const isRefusal = (error: unknown): boolean => error instanceof ProvisioningError && REFUSALS.has(error.code);

/** Only our own errors carry a message for people; others may hold SQL or values. */
export const messageOf = (error: unknown): string =>
  error instanceof ProvisioningError ? error.message : 'The plugin or the database failed; see Strapi’s log.';
