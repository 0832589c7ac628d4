/** Reading a collection of an application from one end to the other, when the application tells the truth and when it lies. */
import fc from 'fast-check';
import type { DirectoryPage } from '../../../server/src/ports/directory';
import { ScimTargetDirectory } from '../../../server/src/scim/client/target-directory';
import { MemoryHttpClient } from '../../helpers/memory/http-client';

interface Page {
  Resources?: unknown[];
  totalResults?: number;
  nextCursor?: string;
  status?: number;
  scimType?: string;
}

interface Asked {
  startIndex: number;
  count: number;
  cursor: string | null;
  filter: string | null;
}

const ids = (count: number, from = 1) => Array.from({ length: count }, (_none, index) => ({ id: `u${from + index}`, userName: `u${from + index}` }));

/** An application that answers a list request as `answer` says; `number` counts the list requests from 1. */
function source(answer: (asked: Asked, number: number) => Page, pagination?: object) {
  let lists = 0;
  const http = new MemoryHttpClient(({ url }) => {
    const { pathname, searchParams } = new URL(url);
    if (pathname.endsWith('/ServiceProviderConfig')) return pagination === undefined ? { status: 404 } : { text: JSON.stringify({ pagination }) };
    lists += 1;
    const { status = 200, ...body } = answer(
      {
        startIndex: Number(searchParams.get('startIndex') ?? 1),
        count: Number(searchParams.get('count')),
        cursor: searchParams.get('cursor'),
        filter: searchParams.get('filter'),
      },
      lists
    );
    return { status, text: JSON.stringify(body) };
  });
  const directory = new ScimTargetDirectory({ http, baseUrl: 'https://hr.example/scim/v2', bearerToken: 'secret' });
  return { directory, http, lists: () => lists };
}

async function readAll(directory: ScimTargetDirectory, limit = 10, maxPages = 100) {
  const seen: string[] = [];
  let cursor: string | null = null;
  for (let pages = 1; pages <= maxPages; pages += 1) {
    const page: DirectoryPage = await directory.list('User', { cursor, limit });
    seen.push(...page.entries.map(({ ref }) => ref));
    if (page.next === null) return { seen, incomplete: page.incomplete, pages };
    cursor = page.next;
  }
  throw new Error('The read did not end.');
}

/** What RFC 7644 says. */
const honest = (all: unknown[], pageSize = Infinity) => ({ startIndex, count }: Asked): Page => ({
  totalResults: all.length,
  Resources: all.slice(startIndex - 1, startIndex - 1 + Math.min(count, pageSize)),
});

describe('by index', () => {
  it('reads everybody once and says that it was complete', async () => {
    const { directory } = source(honest(ids(25)));
    expect(await readAll(directory)).toMatchObject({ seen: ids(25).map(({ id }) => id), incomplete: null });
  });

  it('goes on by what came, not by what was asked for', async () => {
    const { directory } = source(honest(ids(25), 4));
    expect(await readAll(directory)).toMatchObject({ seen: ids(25).map(({ id }) => id), incomplete: null });
  });

  it('an empty source is a complete read of nobody', async () => {
    const { directory, lists } = source(() => ({ totalResults: 0 }));
    expect(await readAll(directory)).toEqual({ seen: [], incomplete: null, pages: 1 });
    expect(lists()).toBe(1);
  });

  it('a source that gives everybody at once, whatever is asked, is complete', async () => {
    const { directory } = source(() => ({ totalResults: 25, Resources: ids(25) }));
    expect(await readAll(directory)).toMatchObject({ seen: ids(25).map(({ id }) => id), incomplete: null });
  });

  it('takes an error, the last page again or totalResults 0 behind the end for the end', async () => {
    for (const behind of [{ status: 400 }, { status: 404 }, { totalResults: 12, Resources: ids(1, 12) }, { totalResults: 0, Resources: [] }]) {
      const { directory } = source((asked) => (asked.startIndex > 12 ? behind : honest(ids(12))(asked)));
      expect(await readAll(directory)).toMatchObject({ seen: ids(12).map(({ id }) => id), incomplete: null });
    }
  });

  it('passes the filter on', async () => {
    const { directory } = source(({ filter }) => ({ totalResults: 1, Resources: [{ id: String(filter) }] }));
    const page = await directory.list('User', { cursor: null, limit: 5, filter: 'title eq "a b+c"' });
    expect(page.entries[0]?.ref).toBe('title eq "a b+c"');
  });

  it('goes on after a restart from what `next` says', async () => {
    const first = source(honest(ids(25)));
    const page = await first.directory.list('User', { cursor: null, limit: 10 });
    const second = source(honest(ids(25)));
    expect((await second.directory.list('User', { cursor: page.next, limit: 10 })).entries.map(({ ref }) => ref)).toEqual(ids(10, 11).map(({ id }) => id));
    await expect(second.directory.list('User', { cursor: 'x', limit: 10 })).rejects.toMatchObject({ code: 'invalid-value' });
  });

  const lies: [string, RegExp, (asked: Asked, number: number) => Page][] = [
    ['ends before what it announced', /empty page at 13 and says that there are 30/, ({ startIndex, count }) => ({ totalResults: 30, Resources: ids(12).slice(startIndex - 1, startIndex - 1 + count) })],
    ['answers an empty page in between', /empty page at 11/, ({ startIndex, count }) => ({ totalResults: 30, Resources: startIndex === 11 ? [] : ids(30).slice(startIndex - 1, startIndex - 1 + count) })],
    ['answers the first page again and again', /same page twice/, () => ({ totalResults: 30, Resources: ids(10) })],
    ['announces fewer than there are', /25 came of 10/, ({ startIndex, count }) => ({ totalResults: 10, Resources: ids(25).slice(startIndex - 1, startIndex - 1 + count) })],
    ['never says how many there are', /does not say how many/, ({ startIndex, count }) => ({ Resources: ids(25).slice(startIndex - 1, startIndex - 1 + count) })],
    ['removes somebody meanwhile', /removed there/, ({ startIndex, count }, number) => honest(number === 1 ? ids(25) : ids(24, 2))({ startIndex, count, cursor: null, filter: null })],
    ['leaves ids out', /without an id/, ({ startIndex, count }) => ({ totalResults: 3, Resources: [{ userName: 'x' }, ...ids(2)].slice(startIndex - 1, startIndex - 1 + count) })],
    ['answers one person twice', /9 came of 10/, ({ startIndex, count }) => ({ totalResults: 10, Resources: [...ids(9), ...ids(1)].slice(startIndex - 1, startIndex - 1 + count) })],
  ];
  it.each(lies)('is not complete where the source %s', async (_what, reason, answer) => {
    const { directory } = source(answer);
    const { seen, incomplete } = await readAll(directory);
    expect(incomplete).toMatch(reason);
    expect(seen.length).toBeGreaterThan(0);
  });

  it('reads on behind a hole', async () => {
    const { directory } = source(({ startIndex, count }) => ({ totalResults: 30, Resources: startIndex === 11 ? [] : ids(30).slice(startIndex - 1, startIndex - 1 + count) }));
    expect((await readAll(directory)).seen).toContain('u30');
  });

  it('is complete where people were added meanwhile', async () => {
    const { directory } = source((asked, number) => honest(number === 1 ? ids(25) : ids(27))(asked));
    expect(await readAll(directory)).toMatchObject({ incomplete: null, seen: ids(27).map(({ id }) => id) });
  });

  it('refuses what is no list', async () => {
    const { directory } = source(() => ({ Resources: 'all of them' as never }));
    await expect(readAll(directory)).rejects.toMatchObject({ code: 'target-unexpected' });
  });

  it('whatever a source answers: the read ends, and a complete one has as many as were announced', async () => {
    const page = fc.record({ total: fc.nat(40), from: fc.nat(40), count: fc.nat(12), status: fc.constantFrom(200, 200, 200, 200, 400) });
    await fc.assert(
      fc.asyncProperty(fc.array(page, { minLength: 1, maxLength: 12 }), async (pages) => {
        const { directory } = source((_asked, number) => {
          const { total, from, count, status } = pages[Math.min(number, pages.length) - 1] ?? { total: 0, from: 0, count: 0, status: 200 };
          return status === 400 ? { status } : { totalResults: total, Resources: ids(count, from + 1) };
        });
        const result = await readAll(directory).catch(() => null);
        if (result === null || result.incomplete !== null) return;
        expect(pages.flatMap(({ total }) => total)).toContain(result.seen.length);
      }),
      { numRuns: 300 }
    );
  });

  it('an honest source of any size and page size is complete', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), async (size, pageSize, limit) => {
        const { directory } = source(honest(ids(size), pageSize));
        expect(await readAll(directory, limit)).toMatchObject({ incomplete: null, seen: ids(size).map(({ id }) => id) });
      }),
      { numRuns: 100 }
    );
  });

  it('a source that cuts or repeats anything it announced is never complete', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 40 }), fc.nat(39), fc.integer({ min: 1, max: 10 }), async (size, at, limit) => {
        const hidden = at % size;
        const { directory } = source(({ startIndex, count }) => ({
          totalResults: size,
          Resources: ids(size).filter((_one, index) => index !== hidden).slice(startIndex - 1, startIndex - 1 + count),
        }));
        expect((await readAll(directory, limit)).incomplete).not.toBeNull();
      }),
      { numRuns: 100 }
    );
  });
});

describe('by cursor', () => {
  const CURSORS = { cursor: true, index: true };
  const cursors = (all: unknown[], pageSize = Infinity, total?: number) => ({ cursor, count }: Asked): Page => {
    const from = Number(cursor === '' ? 0 : cursor);
    const to = from + Math.min(count, pageSize);
    return { ...(total === undefined ? {} : { totalResults: total }), Resources: all.slice(from, to), ...(to < all.length ? { nextCursor: String(to) } : {}) };
  };

  it('is chosen where the application announces it, and needs no totalResults', async () => {
    const { directory, http } = source(cursors(ids(25), 4), CURSORS);
    expect(await readAll(directory)).toMatchObject({ seen: ids(25).map(({ id }) => id), incomplete: null });
    expect(http.requests.every(({ url }) => !url.includes('startIndex'))).toBe(true);
    expect(http.requests.filter(({ url }) => url.includes('ServiceProviderConfig'))).toHaveLength(1);
  });

  it('goes on over an empty page', async () => {
    const { directory } = source(({ cursor }) => (cursor === '' ? { Resources: [], nextCursor: 'b' } : { Resources: ids(3), totalResults: 3 }), CURSORS);
    expect(await readAll(directory)).toMatchObject({ seen: ['u1', 'u2', 'u3'], incomplete: null });
  });

  const lies: [string, RegExp, (asked: Asked) => Page][] = [
    ['ends before what it announced', /8 came of 9/, cursors(ids(8), 3, 9)],
    ['gives the same cursor again', /same page twice/, ({ cursor }) => ({ Resources: ids(2, cursor === '' ? 1 : 3), nextCursor: 'again' })],
    ['gives new cursors for the same page', /same page twice/, ({ cursor }) => ({ Resources: ids(2), nextCursor: `${cursor}x` })],
    ['forgets the cursor', /no longer knew/, ({ cursor }) => (cursor === '' ? { Resources: ids(2), nextCursor: 'b' } : { status: 400, scimType: 'expiredCursor' })],
    ['never gives anybody', /only empty pages/, ({ cursor }) => ({ Resources: [], nextCursor: `${cursor}x` })],
  ];
  it.each(lies)('is not complete where the source %s', async (_what, reason, answer) => {
    const { directory } = source(answer, CURSORS);
    expect((await readAll(directory)).incomplete).toMatch(reason);
  });
});
