import type { Clock } from '../../../ports/clock';

interface Bucket {
  left: number;
  at: number;
  perMinute: number;
}

const MINUTE_MS = 60_000;

/**
 * Token buckets, one per key: a minute's worth at once, refilled evenly. They live in this process only, so that
 * several instances of Strapi together let through as many times more. Of keys over the limit the longest unused is
 * forgotten: memory stays bounded whoever asks.
 */
export class RateLimiter {
  private readonly buckets = new Map<string | number, Bucket>();

  constructor(
    private readonly clock: Clock,
    private readonly maxKeys = 10_000
  ) {}

  /**
   * Counts one request, or several that come as one. Null: let it through; otherwise the whole seconds after which to try
   * again, at least one. More than a minute's worth has to be possible too: it waits for a full bucket, and what it takes
   * beyond is missing to those who come next.
   */
  take(key: string | number, perMinute: number, count = 1): number | null {
    const bucket = this.filled(key, perMinute);
    const needed = Math.min(count, perMinute);
    if (bucket.left < needed) return Math.max(1, Math.ceil(((needed - bucket.left) * MINUTE_MS) / perMinute / 1_000));
    bucket.left -= count;
    return null;
  }

  /** Takes back what was counted before its outcome was known. */
  giveBack(key: string | number): void {
    const bucket = this.buckets.get(key);
    if (bucket) bucket.left = Math.min(bucket.perMinute, bucket.left + 1);
  }

  get size(): number {
    return this.buckets.size;
  }

  private filled(key: string | number, perMinute: number): Bucket {
    const now = this.clock.now();
    const before = this.buckets.get(key);
    // Another limit than before starts afresh: an admin who raises it is not to wait for the old one.
    const same = before?.perMinute === perMinute ? before : null;
    const left = same ? Math.min(perMinute, same.left + (Math.max(0, now - same.at) * perMinute) / MINUTE_MS) : perMinute;
    const bucket = { left, at: now, perMinute };
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (this.buckets.size > this.maxKeys) {
      const [oldest] = this.buckets.keys();
      if (oldest !== undefined) this.buckets.delete(oldest);
    }
    return bucket;
  }
}
