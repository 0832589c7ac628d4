import { Field, Flex, Grid, Loader, Searchbar, Typography } from '@strapi/design-system';
import { useId, useState } from 'react';
import type { AttributeInfo } from '../../../../../../server/src/contracts/connection';
import { LoadFailed } from '../../../../components/LoadFailed';
import { Notice } from '../../../../components/Notice';
import { useGetAttributesQuery } from '../../../../services/attributes';
import { useT } from '../../../../utils/i18n';
import { AttributeItem, LockedAttribute } from './AttributeItem';
import { policySetter, type PolicyProps } from './policyProps';

/** From here on a list is searched rather than read. */
const SEARCHED = 12;

const ITEM = { col: 6, s: 12, xs: 12, direction: 'column', alignItems: 'stretch' } as const;

/** Which fields that the site added to its users the provider may fill. */
export const WritableAttributes = (props: PolicyProps) => {
  const t = useT();
  const { data, error, refetch } = useGetAttributesQuery(props.form.values.population);
  if (error !== undefined) return <LoadFailed error={error} onRetry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <Flex justifyContent="center">
        <Loader>{t('attributes.loading', 'Loading the fields')}</Loader>
      </Flex>
    );
  }
  if (data.length === 0) {
    return (
      <Typography textColor="neutral600">
        {t('attributes.none', 'Your site added no fields to its users. Those that it gets in the Content-Type Builder will stand here.')}
      </Typography>
    );
  }
  return <AttributeList {...props} attributes={data} />;
};

const AttributeList = ({ attributes, ...props }: PolicyProps & { attributes: AttributeInfo[] }) => {
  const t = useT();
  const { form, policies, disabled } = props;
  const set = policySetter(props);
  const lockedId = useId();
  const [search, setSearch] = useState('');
  const open = attributes.filter(({ locked }) => locked === null);
  const locked = attributes.filter((attribute) => attribute.locked !== null);
  const isWritable = (name: string): boolean => policies.writableAttributes.includes(name);
  const matches = ({ name }: AttributeInfo): boolean => name.toLowerCase().includes(search.trim().toLowerCase());
  const shown = open.filter(matches);
  const shownLocked = locked.filter(matches);
  const gone = policies.writableAttributes.filter((name) => !open.some((attribute) => attribute.name === name));
  const problem = Object.entries(form.errors).find(([path]) => path.startsWith('policies.writableAttributes'))?.[1];

  // In the order of the content type; names that it no longer has are dropped.
  const change = (name: string, next: boolean) =>
    set('writableAttributes', open.map((attribute) => attribute.name).filter((one) => (one === name ? next : isWritable(one))));

  return (
    <Flex direction="column" alignItems="stretch" gap={4}>
      <Typography textColor="neutral600">
        {t('attributes.intro', 'The provider fills the fields that you tick here. The others it can read only: what it sends for them is left out.')}
      </Typography>
      {problem === undefined ? null : <Notice variant="danger">{problem}</Notice>}
      {gone.length === 0 ? null : (
        <Notice variant="info">
          {t('attributes.gone', 'Ticked, but no field that a provider can fill any more: {names}. The next change here drops it.', { names: gone.join(', ') })}
        </Notice>
      )}
      {attributes.length < SEARCHED ? null : (
        <Field.Root name="attribute-search" width="100%">
          <Searchbar
            name="attribute-search"
            value={search}
            placeholder={t('attributes.search', 'Search a field by name')}
            clearLabel={t('logs.search-clear', 'Clear the search')}
            onClear={() => setSearch('')}
            onChange={(event) => setSearch(event.target.value)}
            // Enter would save the form around it.
            onKeyDown={(event) => (event.key === 'Enter' ? event.preventDefault() : undefined)}
          >
            {t('attributes.search', 'Search a field by name')}
          </Searchbar>
        </Field.Root>
      )}
      <Typography variant="pi" textColor="neutral600" aria-live="polite">
        {t('attributes.count', '{chosen, number} of {total, number} ticked', { chosen: open.filter(({ name }) => isWritable(name)).length, total: open.length })}
        {search.trim() === '' ? null : ` · ${t('attributes.found', '{count, plural, =0 {no field matches} one {# field matches} other {# fields match}}', { count: shown.length + shownLocked.length })}`}
      </Typography>
      {shown.length === 0 ? null : (
        <Grid.Root gap={4}>
          {shown.map((attribute) => (
            <Grid.Item key={attribute.name} {...ITEM}>
              <AttributeItem
                attribute={attribute}
                checked={isWritable(attribute.name)}
                disabled={disabled}
                onChange={(next) => change(attribute.name, next)}
              />
            </Grid.Item>
          ))}
        </Grid.Root>
      )}
      {shownLocked.length === 0 ? null : (
        <Flex direction="column" alignItems="stretch" gap={3}>
          <Typography id={lockedId} variant="omega" fontWeight="bold" tag="h3">
            {t('attributes.locked', 'Out of reach for every provider')}
          </Typography>
          <Grid.Root gap={4} tag="ul" aria-labelledby={lockedId}>
            {shownLocked.map((attribute) => (
              <Grid.Item key={attribute.name} {...ITEM} tag="li">
                <LockedAttribute attribute={attribute} />
              </Grid.Item>
            ))}
          </Grid.Root>
        </Flex>
      )}
    </Flex>
  );
};
