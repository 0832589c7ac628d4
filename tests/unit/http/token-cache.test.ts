import { TokenCache } from '../../../server/src/http/scim/access/token-cache';
import type { StoredToken } from '../../../server/src/strapi/token-row';
import { MemoryClock } from '../../helpers/memory/clock';

const token: StoredToken = {
  id: 1, kind: 'bearer', name: 'one', connectionId: 1, clientId: null, scopes: [], allowedIps: [], expiresAt: null, lastUsedAt: null,
};

function world(stored: Record<string, StoredToken>) {
  const clock = new MemoryClock();
  const source = {
    generation: 0,
    asked: [] as string[],
    find: (hash: string) => {
      source.asked.push(hash);
      return Promise.resolve(stored[hash] ?? null);
    },
  };
  return { clock, source, stored, cache: new TokenCache(source, clock) };
}

describe('TokenCache', () => {
  it('asks once in 5 s, and follows what another node did after that', async () => {
    const { cache, clock, source, stored } = world({ a: token });
    await cache.find('a');
    delete stored.a;
    clock.advance(4_999);
    expect(await cache.find('a')).not.toBeNull();
    expect(source.asked).toEqual(['a']);
    clock.advance(1);
    expect(await cache.find('a')).toBeNull();
    expect(cache.isKnown('a')).toBe(false);
  });

  it('follows what this node did at once, also what it did during the query', async () => {
    const { cache, source, stored } = world({ a: token });
    const { find } = source;
    source.find = async (hash) => {
      const found = await find(hash);
      // Revoked after the row was read, before it was kept.
      source.generation += 1;
      delete stored.a;
      return found;
    };
    await cache.find('a');
    source.find = find;
    expect(await cache.find('a')).toBeNull();
  });

  it('knows by itself when a token expires', async () => {
    const { cache, clock } = world({ a: { ...token, expiresAt: Date.UTC(2026, 0, 1, 0, 0, 2) } });
    expect(await cache.find('a')).not.toBeNull();
    clock.advance(2_000);
    expect(await cache.find('a')).toBeNull();
  });

  it('keeps nothing of wrong tokens, and a bounded number of right ones', async () => {
    const { cache, source } = world({});
    source.find = (hash) => Promise.resolve(hash === 'wrong' ? null : token);
    await cache.find('wrong');
    expect(cache.isKnown('wrong')).toBe(false);
    for (let i = 0; i <= 1_000; i += 1) await cache.find(`right ${i}`);
    expect([cache.isKnown('right 0'), cache.isKnown('right 1'), cache.isKnown('right 1000')]).toEqual([false, true, true]);
  });
});
