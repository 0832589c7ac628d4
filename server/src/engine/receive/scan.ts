import { ScimError } from '../../scim/messages/error';

/** Objects that one request may look at where no index answers its filter. */
const SCAN_LIMIT = 20_000;
const PAGE = 500;

/**
 * Walks pages, keeps only the wanted window of the matches and counts the rest. Above the limit it refuses
 * (RFC 7644 section 3.12 `tooMany`) instead of occupying the server.
 */
export async function scan<T>(
  page: (offset: number, limit: number) => Promise<T[]>,
  accepts: (items: T[]) => Promise<T[]>,
  window: { startIndex: number; count: number }
): Promise<{ total: number; items: T[] }> {
  const items: T[] = [];
  let total = 0;
  for (let offset = 0; ; offset += PAGE) {
    const batch = await page(offset, PAGE);
    for (const item of await accepts(batch)) {
      total += 1;
      if (total >= window.startIndex && items.length < window.count) items.push(item);
    }
    if (batch.length < PAGE) return { total, items };
    if (offset + PAGE >= SCAN_LIMIT) {
      throw new ScimError(400, 'The filter would look at too many objects. Filter by userName, externalId, id or emails.', 'tooMany');
    }
  }
}
