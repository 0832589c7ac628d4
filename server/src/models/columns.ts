/**
 * Column shorthands. Times are epoch milliseconds in bigint columns: the three databases disagree about dates but not
 * about integers. JSON is kept as text: it is read and written whole, and never queried into.
 */
const notNull = { notNullable: true } as const;

export const id = { type: 'increments' } as const;
export const text = { type: 'string' } as const;
export const requiredText = { type: 'string', column: notNull } as const;
export const json = { type: 'text' } as const;
export const integer = { type: 'integer' } as const;
export const requiredInteger = { type: 'integer', column: notNull } as const;
export const counter = { type: 'integer', column: { notNullable: true, defaultTo: 0 } } as const;
export const time = { type: 'biginteger' } as const;
export const requiredTime = { type: 'biginteger', column: notNull } as const;
/** For columns that came later: rows from before have none. */
export const laterFlag = { type: 'boolean' } as const;
export const flag = { type: 'boolean', column: notNull } as const;
