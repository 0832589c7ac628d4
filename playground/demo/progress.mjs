/**
 * What the person at the terminal sees. With `--json` stdout belongs to the one JSON line, so everything goes to stderr.
 */
/** @type {NodeJS.WritableStream} */
let stream = process.stdout;

export const useStderr = () => {
  stream = process.stderr;
};

/** @param {string} [text] */
export const say = (text = '') => {
  stream.write(`${text}\n`);
};

/**
 * Runs something long and shows every few seconds that it still goes on.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export const during = async (title, work) => {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  say(`- ${title}`);
  const beat = setInterval(() => say(`  ... ${title} (${seconds()})`), 5000);
  try {
    const result = await work();
    say(`  done: ${title} (${seconds()})`);
    return result;
  } catch (error) {
    say(`  FAILED: ${title} (${seconds()})`);
    throw error;
  } finally {
    clearInterval(beat);
  }
};

/** An error whose message is all a person needs; printed without a stack. */
export class DemoError extends Error {}
