/** What scripts rely on: `npm run demo -- --json --empty`. */
import { startDemo, type RunningDemo } from '../helpers/demo';

const INSTALL_AND_BUILD_MS = 9 * 60_000;

let demo: RunningDemo;
let stopped: number | null | undefined;

const reads = async ({ baseUrl, token }: { baseUrl: string; token: string }): Promise<{ status: number; totalResults: unknown }> => {
  const response = await fetch(`${baseUrl}/Users`, { headers: { authorization: `Bearer ${token}` } });
  const body = (await response.json()) as { totalResults?: unknown };
  return { status: response.status, totalResults: body.totalResults };
};

beforeAll(async () => {
  demo = await startDemo(['--empty']);
}, INSTALL_AND_BUILD_MS);

afterAll(async () => {
  if (stopped === undefined) await demo?.stop();
});

describe('npm run demo -- --json --empty', () => {
  it('prints one line with the two connections', () => {
    expect(demo.stdout()).toHaveLength(1);
    expect(demo.line).toEqual({
      panelUrl: `http://127.0.0.1:${demo.port}/admin`,
      email: expect.any(String),
      password: expect.any(String),
      inbound: { baseUrl: expect.stringContaining('/api/user-provisioning/'), token: expect.any(String) },
      outbound: { baseUrl: expect.any(String), token: expect.any(String) },
    });
  });

  it('has nobody provisioned', async () => {
    expect(await reads(demo.line.inbound)).toEqual({ status: 200, totalResults: 0 });
    expect(await reads(demo.line.outbound)).toEqual({ status: 200, totalResults: 0 });
  });

  it('serves the panel', async () => {
    const response = await fetch(demo.line.panelUrl);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
  });

  it('refuses a port that is taken, in a sentence', async () => {
    await expect(startDemo(['--empty'], { PORT: String(demo.port) })).rejects.toThrow('ended with 1');
  });

  it('ends on SIGTERM and leaves nothing behind', async () => {
    stopped = await demo.stop();
    expect([0, 143]).toContain(stopped);
    await expect(fetch(`http://127.0.0.1:${demo.port}/_health`)).rejects.toThrow();
    await expect(fetch(demo.line.outbound.baseUrl)).rejects.toThrow();
  });
});
