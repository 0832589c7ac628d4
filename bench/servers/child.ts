/** The side of a measured server: an own process that answers a few calls of the benchmark over IPC. */
import { Session } from 'node:inspector';
import { shares, type Share } from '../profile';

export interface Person {
  id: string;
  userName: string;
}

/** How the load generator reaches the server. */
export interface Target {
  origin: string;
  /** Path in front of /Users. */
  root: string;
  headers: Record<string, string>;
}

export interface BenchServer {
  target: Target;
  /** Makes the server hold this many users; answers up to `sample` of them, spread evenly. */
  fill(total: number, sample: number): Promise<Person[]>;
  /** Removes whatever the server wrote to the machine. */
  stop(): Promise<void>;
}

export interface Call {
  call: number;
  name: 'fill' | 'startProfile' | 'stopProfile' | 'stop';
  args: number[];
}

export type Message = { ready: Target } | { failed: string } | { call: number; result?: unknown; error?: string };

const tell = (message: Message): void => void process.send?.(message);

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Starts the server and serves calls until the benchmark says stop or is gone. */
export async function serve(start: () => Promise<BenchServer>): Promise<void> {
  let stopping: Promise<void> | null = null;
  let server: BenchServer;
  try {
    server = await start();
  } catch (error) {
    tell({ failed: textOf(error) });
    process.exit(1);
  }
  const stop = (): Promise<void> => (stopping ??= server.stop());
  const leave = (): void => void stop().finally(() => process.exit(0));
  // The benchmark died: nothing of this server is to stay.
  process.on('disconnect', leave);
  process.on('SIGTERM', leave);
  // A terminal sends it to the whole group; the benchmark decides when.
  process.on('SIGINT', () => undefined);

  const profiler = new Session();
  profiler.connect();
  const calls: Record<Call['name'], (...args: number[]) => Promise<unknown>> = {
    fill: (total, sample) => server.fill(total ?? 0, sample ?? 0),
    startProfile: async () => {
      profiler.post('Profiler.enable');
      profiler.post('Profiler.start');
    },
    stopProfile: () =>
      new Promise<Share[]>((resolve, reject) => {
        profiler.post('Profiler.stop', (error, { profile }) => (error ? reject(error) : resolve(shares(profile))));
      }),
    stop,
  };
  process.on('message', (message: Call) => {
    calls[message.name](...message.args).then(
      (result) => tell({ call: message.call, result }),
      (error: unknown) => tell({ call: message.call, error: textOf(error) })
    );
  });
  tell({ ready: server.target });
}
