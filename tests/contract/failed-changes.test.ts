/** Requests shared by instances, and changes that were set aside, on a real database. */
import { MemoryClock } from '../helpers/memory/clock';
import { bootStrapi, type BootedStrapi } from '../helpers/strapi';
import { ProvisioningError } from '../../server/src/domain/errors';
import { TABLES } from '../../server/src/models';
import { Database } from '../../server/src/strapi/database';
import { FailedChanges } from '../../server/src/strapi/failed-changes';
import { SqlOutbox } from '../../server/src/strapi/outbox';
import { SqlRequestBudget } from '../../server/src/strapi/request-budget';
import { SqlTargetHealthStore } from '../../server/src/strapi/target-health';

let booted: BootedStrapi;
let database: Database;
let clock: MemoryClock;

beforeAll(async () => {
  booted = await bootStrapi({ config: { plugins: { 'user-provisioning': { config: { worker: false } } } } });
  database = new Database(booted.strapi);
});
afterAll(() => booted.stop());
beforeEach(async () => {
  clock = new MemoryClock();
  await booted.strapi.db.connection(TABLES.outbox).delete();
  await booted.strapi.db.connection(TABLES.targetHealth).delete();
});

describe('the budget of requests', () => {
  /** An instance: what it sleeps is remembered instead. */
  const instance = (perMinute: number, connectionId = 1) => {
    const waits: number[] = [];
    const budget = new SqlRequestBudget(connectionId, perMinute, database, clock, async (ms) => void waits.push(ms));
    const take = async (count: number): Promise<void> => void (await Promise.all(Array.from({ length: count }, () => budget.take())));
    return { budget, take, waits };
  };

  it('two instances together stay within the limit, and each gets its turn', async () => {
    const [one, other] = [instance(600), instance(600)];
    await Promise.all([one.take(60), other.take(60)]);
    const waits = [...one.waits, ...other.waits].sort((a, b) => a - b);
    // 60 at once, then one each 60/541 s.
    expect(waits).toHaveLength(60);
    expect(waits.at(-1)).toBeGreaterThan(6_600);
    expect(waits.at(-1)).toBeLessThan(6_700);
    expect(new Set(waits).size).toBe(60);
  });

  it('says when to come back instead of waiting for long, and promises nothing then', async () => {
    const { budget, take, waits } = instance(30);
    await take(12);
    const error = await budget.take().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'target-rate-limited', message: expect.stringContaining('30 requests per minute') as string });
    expect((error as ProvisioningError).retryAfterMs).toBeGreaterThan(0);
    clock.advance(60_000);
    waits.length = 0;
    await budget.take();
    expect(waits).toEqual([]);
  });

  it('is of one connection, and says nothing of its health', async () => {
    await instance(30, 1).take(3);
    const other = instance(30, 2);
    await other.take(3);
    expect(other.waits).toEqual([]);
    expect(await new SqlTargetHealthStore(database, clock).troubled()).toEqual([]);
  });
});

describe('changes that were set aside', () => {
  const refused = { code: 'target-rejected', message: 'Refused: no such department.' } as const;
  const failed = (): FailedChanges => new FailedChanges(database, clock);
  const outbox = (): SqlOutbox => new SqlOutbox(database, clock);

  async function setAside(connectionId: number, count: number): Promise<void> {
    const ids = Array.from({ length: count }, (_item, index) => `u-${connectionId}-${index}`);
    await outbox().mark([connectionId], 'User', ids, null);
    for (const marker of await outbox().claim('w', count, 1_000, [], connectionId)) await outbox().fail(marker, 'w', refused);
  }

  it('are shown with what happened first and last', async () => {
    await outbox().mark([1], 'User', ['u-1'], null);
    const [marker] = await outbox().claim('w', 1, 1_000, []);
    if (marker === undefined) throw new Error('Nothing was claimed.');
    const start = clock.now();
    await outbox().retry(marker, 'w', start, { code: 'uniqueness', message: 'Taken.' }, true);
    clock.advance(5_000);
    const [again] = await outbox().claim('w', 1, 1_000, []);
    if (again === undefined) throw new Error('Nothing was claimed.');
    await outbox().fail(again, 'w', refused);
    expect((await failed().page(1, 0, 10)).markers).toMatchObject([
      { objectType: 'User', objectId: 'u-1', code: 'target-rejected', message: refused.message, attempts: 2, firstFailedAt: start, lastFailedAt: start + 5_000 },
    ]);
  });

  it('come in pages that stay while others are tried again', async () => {
    await setAside(1, 5);
    await setAside(2, 2);
    const first = await failed().page(1, 0, 2);
    expect(first.markers).toHaveLength(2);
    await failed().retry(1, [first.markers[0]?.id ?? 0]);
    const second = await failed().page(1, first.next ?? 0, 2);
    const third = await failed().page(1, second.next ?? 0, 2);
    expect(third.next).toBeNull();
    expect(new Set([...first.markers, ...second.markers, ...third.markers].map(({ objectId }) => objectId)).size).toBe(5);
  });

  it('one, some or all are tried again or given up, of this connection only', async () => {
    await setAside(1, 4);
    await setAside(2, 1);
    const [one, two, three] = (await failed().page(1, 0, 10)).markers.map(({ id }) => id);
    const [foreign] = (await failed().page(2, 0, 10)).markers.map(({ id }) => id);
    const ids = (...some: (number | undefined)[]): number[] => some.map((id) => id ?? 0);
    expect(await failed().retry(1, ids(one, foreign))).toBe(1);
    expect(await failed().retry(1, ids(one))).toBe(0);
    expect(await failed().dismiss(1, ids(one, two, foreign))).toBe(1);
    expect(await failed().retry(1, null)).toBe(2);
    expect((await failed().page(1, 0, 10)).markers).toEqual([]);
    expect(await outbox().claim('w', 10, 1_000, [])).toHaveLength(3);
    expect(three).toBeDefined();
    expect(await failed().dismiss(2, null)).toBe(1);
  });
});
