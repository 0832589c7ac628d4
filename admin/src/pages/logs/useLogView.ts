import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import { applyChange, readView, type LogView, type ViewChange } from './logQuery';

export interface LogViewState {
  view: LogView;
  change: (change: ViewChange, options?: { replace?: boolean }) => void;
}

/** The address is the state: back, forward, reload and a shared link all show the same rows. */
export const useLogView = (): LogViewState => {
  const [params, setParams] = useSearchParams();
  const view = useMemo(() => readView(params), [params]);
  const change = useCallback<LogViewState['change']>(
    (next, options) => setParams((current) => applyChange(current, next), { replace: options?.replace ?? false }),
    [setParams]
  );
  return { view, change };
};
