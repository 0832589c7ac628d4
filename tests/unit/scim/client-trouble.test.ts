/** What a target in trouble answers: the code decides what the worker does, the sentence what a person understands. */
import fc from 'fast-check';
import { ProvisioningError } from '../../../server/src/domain/errors';
import type { HttpResponse } from '../../../server/src/ports/http-client';
import { isUsedUp, MAX_RETRY_AFTER_MS, retryAfterOf } from '../../../server/src/scim/client/retry-after';
import { ScimTargetDirectory } from '../../../server/src/scim/client/target-directory';
import { MemoryHttpClient } from '../../helpers/memory/http-client';

const NOW = Date.parse('2026-11-21T06:00:00Z');
const ada = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' };
const HTML = { 'content-type': 'text/html; charset=utf-8' };

const target = (answer: Partial<HttpResponse> | Error) =>
  new ScimTargetDirectory({ http: new MemoryHttpClient(() => answer), baseUrl: 'https://app.example/scim', bearerToken: 't', timeoutMs: 5_000, now: () => NOW });

async function failure(work: Promise<unknown>): Promise<ProvisioningError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProvisioningError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

const network = (code: string): Error => Object.assign(new Error('https://user:secret@app.example'), { code });
const timeout = Object.assign(new Error('aborted'), { name: 'TimeoutError' });

it.each<[string, Partial<HttpResponse> | Error, string, RegExp]>([
  ['a web page as success', { text: '<!doctype html><p>Sign in', headers: HTML }, 'target-unexpected', /web page/],
  ['a page without its type', { text: ' <HTML>' }, 'target-unexpected', /web page/],
  ['a proxy’s page', { status: 502, text: '<html>Bad Gateway', headers: HTML }, 'target-unavailable', /502.*web page/],
  ['cut JSON', { status: 201, text: '{"id":"1","userName":"a' }, 'target-unexpected', /breaks off/],
  ['text', { text: 'OK' }, 'target-unexpected', /not JSON/],
  ['a time-out', timeout, 'target-unavailable', /in time \(5 s\).*looked up/],
  ['a reset', network('ECONNRESET'), 'target-unavailable', /broke off \(ECONNRESET\).*looked up/],
  ['nobody there', network('ECONNREFUSED'), 'target-unavailable', /could not be reached \(ECONNREFUSED\)\.$/],
  ['GitHub’s way of 429', { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1_000 + 40) } }, 'target-rate-limited', /for 40 s/],
  ['no rights', { status: 403, headers: { 'x-ratelimit-remaining': '17' } }, 'target-auth', /credentials/],
])('%s', async (_name, answer, code, message) => {
  const error = await failure(target(answer).create('User', ada));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('secret');
});

describe('a 404', () => {
  const page = { status: 404, text: '<html>nginx', headers: HTML };

  it('that is a web page is nobody’s answer: neither deleted, nor forgotten, nor not there', async () => {
    expect((await failure(target(page).delete('User', '1'))).code).toBe('target-unexpected');
    expect((await failure(target(page).read('User', '1'))).code).toBe('target-unexpected');
    expect((await failure(target(page).find('User', 'userName', 'ada'))).code).toBe('target-unexpected');
    expect((await failure(target(page).update('User', '1', ada, [{ path: 'title', before: null, after: 'x' }]))).code).toBe('target-unexpected');
  });

  it('that says nothing, or says it in JSON, is believed', async () => {
    await target({ status: 404 }).delete('User', '1');
    expect(await target({ status: 404, text: '{"status":"404"}' }).read('User', '1')).toBeNull();
  });
});

it('hits that are counted and not listed are not nobody', async () => {
  const find = (body: object) => target({ text: JSON.stringify(body) }).find('User', 'userName', 'ada');
  expect((await failure(find({ totalResults: 3, Resources: [] }))).message).toMatch(/found 3 and lists none/);
  expect(await find({ totalResults: 0 })).toEqual([]);
  // Less than it counts: what is listed is what counts.
  expect(await find({ totalResults: 0, Resources: [{ id: '1', userName: 'ada' }] })).toHaveLength(1);
});

describe('how long to wait', () => {
  it.each<[Record<string, string>, number | null]>([
    [{ 'retry-after': '30' }, 30_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 06:01:30 GMT' }, 90_000],
    [{ 'retry-after': 'Sat, 21 Nov 2020 06:01:30 GMT' }, 0],
    [{ 'retry-after': 'soon', 'ratelimit-reset': '12' }, 12_000],
    [{ ratelimit: 'limit=100, remaining=0, reset=7' }, 7_000],
    [{ ratelimit: '"default";r=0;t=9' }, 9_000],
    [{ 'x-ratelimit-reset': '45' }, 45_000],
    [{ 'x-rate-limit-reset': String(NOW / 1_000 + 20) }, 20_000],
    [{ 'x-ratelimit-reset': String(NOW + 1_500) }, 1_500],
    [{ 'x-ratelimit-reset': 'tomorrow' }, null],
    [{}, null],
  ])('%j is %s ms', (headers, ms) => {
    expect(retryAfterOf(headers, NOW)?.ms ?? null).toBe(ms);
  });

  it('knows a limit that is used up', () => {
    const used: Record<string, string>[] = [{ 'x-ratelimit-remaining': '0' }, { ratelimit: '"x";r=0;t=1' }, { ratelimit: 'limit=5, remaining=0' }];
    const free: Record<string, string>[] = [{ 'x-ratelimit-remaining': '10' }, { ratelimit: '"x";r=10;t=1' }, {}];
    expect(used.map(isUsedUp)).toEqual([true, true, true]);
    expect(free.map(isUsedUp)).toEqual([false, false, false]);
  });

  it('is never negative, never longer than an hour, whatever the application says', () => {
    const text = fc.oneof(fc.string(), fc.nat().map(String), fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String), fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()));
    fc.assert(
      fc.property(fc.constantFrom('retry-after', 'ratelimit', 'ratelimit-reset', 'x-ratelimit-reset'), text, (name, value) => {
        const wait = retryAfterOf({ [name]: value }, NOW);
        if (wait === null) return;
        expect(Number.isInteger(wait.ms)).toBe(true);
        expect(wait.ms).toBeGreaterThanOrEqual(0);
        expect(wait.ms).toBeLessThanOrEqual(MAX_RETRY_AFTER_MS);
      })
    );
  });

  it('says in the log that a date years ahead is not believed', async () => {
    const error = await failure(target({ status: 429, headers: { 'retry-after': 'Tue, 21 Nov 2034 06:00:00 GMT' } }).create('User', ada));
    expect(error.retryAfterMs).toBe(3_600_000);
    expect(error.message).toMatch(/Tue, 21 Nov 2034.*not believed/);
  });
});
