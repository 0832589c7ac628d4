/** The people of bench/engine.ts, by number. */
export const filledName = (n: number): string => `person-${n}@example.com`;

export const filledNumber = (name: string): number | null => {
  const n = /^person-(\d+)@example\.com$/i.exec(name)?.[1];
  return n === undefined ? null : Number(n);
};
