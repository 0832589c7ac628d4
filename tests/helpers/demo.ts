/** Runs `npm run demo -- --json` as a script would and reads the line it prints. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SCRIPT = join(__dirname, '..', '..', 'playground', 'demo', 'run.mjs');

/** The line of `--json`. */
export interface DemoLine {
  panelUrl: string;
  email: string;
  password: string;
  inbound: { baseUrl: string; token: string };
  outbound: { baseUrl: string; token: string };
}

export interface RunningDemo {
  line: DemoLine;
  port: number;
  /** Everything that came on stdout so far. */
  stdout(): string[];
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address && typeof address === 'object' ? address.port : 0));
    });
  });

export const startDemo = async (args: string[] = [], env: Record<string, string> = {}): Promise<RunningDemo> => {
  const port = await freePort();
  const child = spawn(process.execPath, [SCRIPT, '--json', ...args], {
    env: { ...process.env, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const first = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      resolve(line);
    });
    child.once('exit', (code) => reject(new Error(`The demo ended with ${code} before it was ready; its messages are above.`)));
  });

  return {
    line: JSON.parse(first) as DemoLine,
    port,
    stdout: () => [...lines],
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
};
