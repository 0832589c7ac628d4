/** Polls until a condition holds; fails with the last thing seen. For what another process or a worker does in its own time. */
export async function eventually<T>(read: () => Promise<T>, holds: (seen: T) => boolean, deadlineMs = 20_000): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const seen = await read();
    if (holds(seen)) return seen;
    if (Date.now() > until) throw new Error(`Did not happen within ${deadlineMs} ms. Last seen: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
