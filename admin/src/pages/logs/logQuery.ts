import { OPERATION_KINDS, OUTCOMES, type OperationQuery } from '../../../../server/src/contracts/operation';

/** The filters that stand in the address, so that a view of the log can be sent to a colleague. */
export const FILTER_KEYS = ['operation', 'outcome', 'connectionId', 'from', 'to', 'search'] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];
export type LogFilters = Partial<Record<FilterKey, string>>;

export const PAGE_SIZES = ['20', '50', '100'] as const;
const DEFAULT_PAGE_SIZE = '20';

export interface LogView {
  filters: LogFilters;
  cursor: string | null;
  pageSize: string;
  /** The operation whose detail is open. */
  id: string | null;
}

const keepKnown = (text: string, known: readonly string[]): string =>
  text
    .split(',')
    .filter((part) => known.includes(part))
    .join(',');

const keepDate = (text: string): string => (Number.isNaN(Date.parse(text)) ? '' : text);

/** An address typed by hand or left from an older version must not end in an error of the server. */
const CLEAN: Record<FilterKey, (text: string) => string> = {
  operation: (text) => keepKnown(text, OPERATION_KINDS),
  outcome: (text) => keepKnown(text, OUTCOMES),
  connectionId: (text) => (/^[1-9]\d{0,14}$/.test(text) ? text : ''),
  from: keepDate,
  to: keepDate,
  search: (text) => text.slice(0, 255),
};

export const readView = (params: URLSearchParams): LogView => {
  const filters: LogFilters = {};
  for (const key of FILTER_KEYS) {
    const value = CLEAN[key](params.get(key)?.trim() ?? '');
    if (value !== '') filters[key] = value;
  }
  const pageSize = params.get('pageSize') ?? DEFAULT_PAGE_SIZE;
  return {
    filters,
    cursor: params.get('cursor') || null,
    pageSize: PAGE_SIZES.some((size) => size === pageSize) ? pageSize : DEFAULT_PAGE_SIZE,
    id: params.get('id') || null,
  };
};

export const toApiQuery = ({ filters, cursor, pageSize }: LogView): OperationQuery => ({
  ...filters,
  ...(cursor === null ? {} : { cursor }),
  pageSize,
});

/** `undefined` removes a parameter. */
export type ViewChange = Partial<Record<FilterKey | 'cursor' | 'pageSize' | 'id', string | undefined>>;

export const applyChange = (params: URLSearchParams, change: ViewChange): URLSearchParams => {
  const next = new URLSearchParams(params);
  // A cursor belongs to one set of filters and one page size.
  const keepsPage = Object.keys(change).every((key) => key === 'cursor' || key === 'id');
  if (!keepsPage) next.delete('cursor');
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined || value === '') next.delete(key);
    else next.set(key, value);
  }
  return next;
};

export const splitList = (value: string | undefined): string[] =>
  (value ?? '').split(',').filter((part) => part !== '');
