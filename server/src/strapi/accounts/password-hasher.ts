import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Core } from '@strapi/types';
import { ProvisioningError } from '../../domain/errors';
import type { AccountUid } from '../extension/fields';

/** bcrypt reads no more; what is longer would be cut without a word. */
const MAX_BYTES = 72;
const DEFAULT_ROUNDS = 10;

/** Strapi's own rule for administrators; its content type does not hold it. */
const ADMIN_RULES = [/.{8,}/su, /[a-z]/, /[A-Z]/, /\d/];

/** Runs in the thread; text, because a bundle has no second file. */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
const bcrypt = require(workerData);
parentPort.on('message', ({ id, password, rounds, present }) => {
  try {
    const same = present !== null && bcrypt.compareSync(password, present);
    parentPort.postMessage({ id, hash: same ? null : bcrypt.hashSync(password, rounds) });
  } catch (error) {
    parentPort.postMessage({ id, error: error.message });
  }
});
`;

interface Reply {
  id: number;
  hash?: string | null;
  error?: string;
}

interface Waiting {
  resolve: (hash: string | null) => void;
  reject: (error: Error) => void;
}

/**
 * Hashes passwords as Strapi does (bcrypt, the content type's rounds), in a thread of its own: a hash takes a twentieth
 * of a second, and Strapi's event loop must not stand still for a provider's first load.
 */
export class PasswordHasher {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private sent = 0;

  constructor(private readonly strapi: Core.Strapi) {}

  /** Null: `present` is the hash of this password. Throws `invalid-value` for what Strapi would not accept. */
  hash(uid: AccountUid, password: string, present: string | null): Promise<string | null> {
    const attribute = this.strapi.getModel(uid).attributes.password as { minLength?: number; encryption?: { rounds?: number } } | undefined;
    const least = attribute?.minLength ?? 1;
    if (password.length < least) throw refused(`is shorter than ${least} characters.`);
    if (uid === 'admin::user' && !ADMIN_RULES.every((rule) => rule.test(password))) {
      throw refused('needs at least 8 characters with an upper-case letter, a lower-case letter and a digit, as Strapi asks of administrators.');
    }
    if (Buffer.byteLength(password) > MAX_BYTES) throw refused(`is longer than ${MAX_BYTES} bytes.`);
    const rounds = Number(attribute?.encryption?.rounds ?? DEFAULT_ROUNDS);
    const id = (this.sent += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.running().postMessage({ id, password, rounds, present });
    });
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
    this.worker = null;
  }

  private running(): Worker {
    if (this.worker !== null) return this.worker;
    const worker = new Worker(WORKER, { eval: true, workerData: this.bcryptPath() });
    // A thread that only waits for passwords must not keep Strapi alive.
    worker.unref();
    worker.on('message', ({ id, hash, error }: Reply) => {
      const waiting = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined && hash !== undefined) waiting?.resolve(hash);
      else waiting?.reject(new Error(error));
    });
    worker.on('error', (error) => this.giveUp(worker, error));
    worker.on('exit', () => this.giveUp(worker, new Error('The thread that hashes passwords ended.')));
    this.worker = worker;
    return worker;
  }

  private giveUp(worker: Worker, error: Error): void {
    // A thread that failed also ends: by then another one may be at work.
    if (this.worker !== worker) return;
    this.worker = null;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  /** Strapi's own bcrypt, found as Strapi finds it: package managers need not place it where a plugin would look. */
  private bcryptPath(): string {
    const fromApp = createRequire(join(this.strapi.dirs.app.root, 'package.json'));
    const fromStrapi = createRequire(fromApp.resolve('@strapi/strapi/package.json'));
    return createRequire(fromStrapi.resolve('@strapi/core/package.json')).resolve('bcryptjs');
  }
}

const refused = (message: string): ProvisioningError => new ProvisioningError('invalid-value', `password: ${message}`, { attribute: 'password' });
