/** How large a test is: small in `npm test`, which has to end, and as large as it was meant with TEST_FULL=1 (`npm run test:full`). */

export const isFull = process.env.TEST_FULL === '1';

/** A number of people, changes, kills ...; the environment variable `name`, where it is set, says another one. */
export const sizeOf = (name: string, small: number, full: number): number => {
  const given = process.env[name];
  if (given === undefined || given === '') return isFull ? full : small;
  const size = Number(given);
  if (!Number.isInteger(size) || size < 1) throw new Error(`${name} has to be a whole number above 0, not "${given}".`);
  return size;
};
