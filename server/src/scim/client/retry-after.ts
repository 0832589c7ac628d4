/** A longer wait is a mistake of the sender, or nothing that a worker should believe: it asks again after this. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

const EPOCH_MS = 1e12;
const EPOCH_S = 1e9;

export interface RetryAfter {
  /** From now. */
  ms: number;
  /** What the application asked for is longer than anybody waits: where it said so, as it said it. */
  capped: string | null;
}

type Headers = Readonly<Record<string, string>>;

/**
 * How long the application asks to be left alone: `Retry-After` in seconds or as an HTTP date (RFC 9110 section 10.2.3), else
 * where it tells when its rate limit starts anew. Null: it does not say.
 */
export function retryAfterOf(headers: Headers, now: number): RetryAfter | null {
  const text = headers['retry-after']?.trim() ?? '';
  const said = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : text === '' ? NaN : Date.parse(text) - now;
  if (!Number.isNaN(said)) return bounded(said, text);
  const reset = rateLimitReset(headers, now);
  return reset === null ? null : bounded(reset.ms, reset.text);
}

/** Whether the application says that its limit of requests is used up, whatever status it chose for it (GitHub: 403). */
export function isUsedUp(headers: Headers): boolean {
  const remaining = headers['x-ratelimit-remaining'] ?? headers['x-rate-limit-remaining'] ?? headers['ratelimit-remaining'];
  return remaining?.trim() === '0' || /(?:^|[;,\s])r(?:emaining)?=0(?:$|[;,\s])/.test(headers.ratelimit ?? '');
}

/**
 * `RateLimit` and `RateLimit-Reset` (drafts of the IETF: seconds), `X-RateLimit-Reset` of vendors: seconds, a Unix time in
 * seconds or one in milliseconds. Which of the three it is the size of the number says: no two of them can be meant.
 */
function rateLimitReset(headers: Headers, now: number): { ms: number; text: string } | null {
  const combined = /(?:^|[;,\s])(?:reset|t)=(\d+)/.exec(headers.ratelimit ?? '')?.[1];
  const text = (combined ?? headers['ratelimit-reset'] ?? headers['x-ratelimit-reset'] ?? headers['x-rate-limit-reset'] ?? '').trim();
  if (!/^\d{1,16}(\.\d+)?$/.test(text)) return null;
  const value = Number(text);
  if (value >= EPOCH_MS) return { ms: value - now, text };
  return { ms: value >= EPOCH_S ? value * 1_000 - now : value * 1_000, text };
}

const bounded = (ms: number, said: string): RetryAfter => ({
  ms: Math.min(Math.max(0, Math.ceil(ms)), MAX_RETRY_AFTER_MS),
  capped: ms > MAX_RETRY_AFTER_MS ? said.slice(0, 60) : null,
});
