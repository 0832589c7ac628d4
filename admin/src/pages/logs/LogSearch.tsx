import { SearchForm, Searchbar } from '@strapi/design-system';
import { useEffect, useState, type FormEvent } from 'react';
import { useT } from '../../utils/i18n';

const PAUSE_MS = 500;

interface LogSearchProps {
  value: string;
  onSearch: (text: string) => void;
}

/** Searches when the person pauses or presses Enter. */
export const LogSearch = ({ value, onSearch }: LogSearchProps) => {
  const t = useT();
  const [text, setText] = useState(value);

  // Back and "clear filters" change the address, and with it the box.
  useEffect(() => setText(value), [value]);

  useEffect(() => {
    if (text.trim() === value) return undefined;
    const timer = setTimeout(() => onSearch(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onSearch]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(text.trim());
  };

  const label = t('logs.search', 'Search a person or group by name or id');
  return (
    <SearchForm onSubmit={submit}>
      <Searchbar
        name="search"
        value={text}
        dir="auto"
        placeholder={label}
        clearLabel={t('logs.search-clear', 'Clear the search')}
        onClear={() => {
          setText('');
          onSearch('');
        }}
        onChange={(event) => setText(event.target.value)}
      >
        {label}
      </Searchbar>
    </SearchForm>
  );
};
