import { useEffect, useState } from 'react';
import { useIntl, type IntlShape } from 'react-intl';

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

export const formatRelative = (intl: IntlShape, date: Date, now: number): string => {
  const seconds = Math.round((date.getTime() - now) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return intl.formatRelativeTime(Math.trunc(seconds / size), unit, { numeric: 'auto' });
};

/** With the time zone: people of several countries read the same log. */
export const formatAbsolute = (intl: IntlShape, date: Date): string =>
  intl.formatDate(date, {
    year: 'numeric',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });

const REFRESH_MS = 30_000;

export const RelativeTime = ({ value }: { value: string }) => {
  const intl = useIntl();
  const [now, setNow] = useState(() => Date.now());

  useEffect(() => {
    // Also when the value changes: a row that has just come in must not read "in 20 seconds".
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), REFRESH_MS);
    return () => clearInterval(timer);
  }, [value]);

  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return <span>–</span>;
  // Clocks differ by a little: an entry of the log never lies in the future.
  const past = Math.max(now, date.getTime());
  return (
    <time dateTime={value} title={formatAbsolute(intl, date)} style={{ whiteSpace: 'nowrap' }}>
      {formatRelative(intl, date, past)}
    </time>
  );
};

/** A day ahead or behind; the exact time as title. */
export const DateText = ({ value }: { value: string }) => {
  const intl = useIntl();
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return <span>–</span>;
  return (
    <time dateTime={value} title={formatAbsolute(intl, date)} style={{ whiteSpace: 'nowrap' }}>
      {intl.formatDate(date, { year: 'numeric', month: 'short', day: '2-digit' })}
    </time>
  );
};

export const AbsoluteTime = ({ value }: { value: string }) => {
  const intl = useIntl();
  const date = new Date(value);
  return <time dateTime={value}>{Number.isNaN(date.getTime()) ? '–' : formatAbsolute(intl, date)}</time>;
};
