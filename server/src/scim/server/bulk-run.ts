import type { ScimRequestContext } from '../../ports/scim-service';
import { quoted, ScimError } from '../messages/error';
import { PATCH_OP_URN } from '../messages/urns';
import { isObject } from '../schema/json';
import type { ScimHttpRequest, ScimHttpResponse } from './http';
import { withIds, withoutReferences, type Postponed } from './bulk-references';
import type { BulkOperation, BulkRequest } from './bulk-request';

/** Carries out one operation as if it were a request of its own, or refuses it for the given problem. */
export type Send = (request: ScimHttpRequest, ctx: ScimRequestContext, problem: ScimError | null) => Promise<ScimHttpResponse>;

/** RFC 7644 section 3.7.3. */
export interface BulkResult {
  location?: string;
  method: string;
  bulkId?: string;
  version?: string;
  status: string;
  /** Errors only. */
  response?: unknown;
}

interface Task {
  operation: BulkOperation;
  state: 'waiting' | 'running' | 'done';
  result: BulkResult | null;
}

/** A resource that was created, perhaps without what refers to others that did not exist yet. */
interface Unfinished {
  task: Task;
  path: string;
  references: ReadonlySet<string>;
  postponed: Postponed[];
}

/**
 * The operations of one bulk request, in their order; a POST that others refer to is carried out before them. Where POSTs
 * refer to each other in a circle, they are created without the reference and get it by PATCH (section 3.7.1).
 */
export class BulkRun {
  private readonly tasks: Task[];
  private readonly creators = new Map<string, Task>();
  /** Ids of what was created, by bulkId. */
  private readonly ids = new Map<string, string>();
  private unfinished: Unfinished[] = [];
  private readonly failOnErrors: number;
  private errors = 0;

  constructor(
    request: BulkRequest,
    private readonly ctx: ScimRequestContext,
    private readonly send: Send
  ) {
    this.failOnErrors = request.failOnErrors ?? Number.POSITIVE_INFINITY;
    this.tasks = request.operations.map((operation) => ({ operation, state: 'waiting', result: null }));
    for (const task of this.tasks) {
      const { method, bulkId } = task.operation;
      if (method === 'POST' && bulkId !== null) this.creators.set(bulkId, task);
    }
  }

  /** In the order of the request; operations that `failOnErrors` left out are not among them. */
  async results(): Promise<BulkResult[]> {
    for (const task of this.tasks) {
      if (this.isOver()) break;
      await this.perform(task);
      await this.finish();
    }
    return this.tasks.flatMap(({ result }) => result ?? []);
  }

  private isOver(): boolean {
    return this.errors >= this.failOnErrors;
  }

  private async perform(task: Task): Promise<void> {
    const { operation } = task;
    if (task.state !== 'waiting') return;
    task.state = 'running';
    for (const reference of operation.references) {
      const creator = this.creators.get(reference);
      if (creator !== undefined && !this.isOver()) await this.perform(creator);
    }
    // A circle is of POSTs only: what this one refers to is as it will stay, once it is complete.
    if (operation.method !== 'POST') await this.finish();
    if (this.isOver()) {
      task.state = 'waiting';
      return;
    }
    // Running means: it waits for this one, in a circle.
    const circular = new Set([...operation.references].filter((reference) => this.creators.get(reference)?.state === 'running'));
    const lost = [...operation.references].find((reference) => !this.ids.has(reference) && !circular.has(reference));
    const problem = operation.problem ?? (lost === undefined ? null : this.unresolvable(lost));
    if (problem === null) await this.carryOut(task, circular);
    else this.settle(task, this.resultOf(task, operation.path, await this.request(operation, operation.path, operation.data, problem)));
    task.state = 'done';
  }

  private async carryOut(task: Task, circular: ReadonlySet<string>): Promise<void> {
    const { operation } = task;
    const { data, postponed } = isObject(operation.data) ? withoutReferences(operation.data, circular) : { data: undefined, postponed: [] };
    const path = operation.pathReference === null ? operation.path : this.pathTo(operation.path, operation.pathReference);
    const response = await this.request(operation, path, withIds(data, this.ids));
    this.settle(task, this.resultOf(task, path, response));
    const id = isObject(response.body) ? response.body.id : undefined;
    if (operation.method !== 'POST' || operation.bulkId === null || response.status >= 400 || typeof id !== 'string') return;
    this.ids.set(operation.bulkId, id);
    const own = `${path}/${encodeURIComponent(id)}`;
    if (operation.references.size > 0) this.unfinished.push({ task, path: own, references: operation.references, postponed });
  }

  private pathTo(path: string, reference: string): string {
    return `${path.slice(0, path.lastIndexOf('/'))}/${encodeURIComponent(this.ids.get(reference) ?? '')}`;
  }

  /** Adds what had to wait. No POST is running any more: what is not known now never will be. */
  private async finish(): Promise<void> {
    const waiting = new Set(this.unfinished);
    this.unfinished = [];
    // What is removed may be what another one waits for: nothing is added before it is clear who stays.
    for (let again = true; again; ) {
      again = false;
      for (const item of waiting) {
        const lost = [...item.references].find((reference) => !this.ids.has(reference));
        if (lost === undefined) continue;
        waiting.delete(item);
        again = true;
        await this.undo(item, await this.request(item.task.operation, item.path, item.task.operation.data, this.unresolvable(lost)));
      }
    }
    for (const item of waiting) {
      if (item.postponed.length === 0) continue;
      const Operations = item.postponed.map(({ path, value }) => ({ op: 'add', path, value: withIds(value, this.ids) }));
      const response = await this.request({ method: 'PATCH' }, item.path, { schemas: [PATCH_OP_URN], Operations });
      if (response.status >= 400) await this.undo(item, response);
      else if (item.task.result !== null) item.task.result = withVersion(item.task.result, response.headers.ETag);
    }
  }

  /** An operation happens as a whole or not at all: what could not get its references is removed again. */
  private async undo({ task, path }: Unfinished, cause: ScimHttpResponse): Promise<void> {
    const { bulkId } = task.operation;
    const removed = await this.request({ method: 'DELETE' }, path, undefined);
    if (bulkId !== null && removed.status < 400) this.ids.delete(bulkId);
    const failed = this.resultOf(task, path, cause);
    if (removed.status < 400) delete failed.location;
    this.settle(task, failed);
  }

  private settle(task: Task, result: BulkResult): void {
    task.result = result;
    if (result.response !== undefined) this.errors += 1;
  }

  private request({ method, version = null }: Pick<BulkOperation, 'method'> & Partial<BulkOperation>, path: string, body: unknown, problem: ScimError | null = null): Promise<ScimHttpResponse> {
    // What one operation dropped is not said of the next.
    const { dropped: _dropped, ...own } = this.ctx;
    return this.send({ method, path, query: {}, body, headers: version === null ? {} : { 'if-match': version } }, own, problem);
  }

  private unresolvable(reference: string): ScimError {
    const known = this.creators.has(reference);
    return new ScimError(409, `bulkId ${quoted(reference)} ${known ? 'was not created' : 'is given to no POST of this request'}.`, 'invalidValue');
  }

  private resultOf({ operation: { method, bulkId } }: Task, path: string, { status, headers, body }: ScimHttpResponse): BulkResult {
    const isError = status >= 400;
    const location = headers.Location ?? (isError && ((method === 'POST' && path === collectionOf(path)) || !path.startsWith('/')) ? undefined : `${this.ctx.baseUrl}${path}`);
    const result: BulkResult = {
      method,
      status: String(status),
      ...(location === undefined ? {} : { location }),
      ...(bulkId === null ? {} : { bulkId }),
      ...(isError ? { response: body } : {}),
    };
    return isError ? result : withVersion(result, headers.ETag);
  }
}

const collectionOf = (path: string): string => path.split('/').slice(0, 2).join('/');

/** Without a version rather than with one that is no longer true. */
function withVersion({ version: _version, ...result }: BulkResult, version: string | undefined): BulkResult {
  return version === undefined ? result : { ...result, version };
}
