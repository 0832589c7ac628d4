import { Button, Field, Flex, SingleSelect, SingleSelectOption } from '@strapi/design-system';
import { ChevronLeft, ChevronRight } from '@strapi/icons';
import type { OperationPage } from '../../../../server/src/contracts/operation';
import { useT } from '../../utils/i18n';
import { PAGE_SIZES } from './logQuery';
import type { LogViewState } from './useLogView';

interface LogPagingProps extends LogViewState {
  page: Pick<OperationPage, 'nextCursor' | 'previousCursor'>;
}

/** Newer and older instead of page numbers: the log grows while it is read, and is never counted. */
export const LogPaging = ({ view, change, page }: LogPagingProps) => {
  const t = useT();
  const { nextCursor, previousCursor } = page;
  return (
    <Flex justifyContent="space-between" alignItems="center" gap={4} wrap="wrap">
      <Field.Root>
        <Flex gap={2}>
          <SingleSelect
            size="S"
            value={view.pageSize}
            onChange={(next) => change({ pageSize: String(next) })}
          >
            {PAGE_SIZES.map((size) => (
              <SingleSelectOption key={size} value={size}>
                {size}
              </SingleSelectOption>
            ))}
          </SingleSelect>
          <Field.Label>{t('logs.page-size', 'Entries per page')}</Field.Label>
        </Flex>
      </Field.Root>
      <Flex tag="nav" gap={2} aria-label={t('logs.paging', 'Pages of the log')}>
        {view.cursor !== null ? (
          <Button variant="tertiary" onClick={() => change({ cursor: undefined })}>
            {t('logs.newest', 'Newest')}
          </Button>
        ) : null}
        <Button
          variant="tertiary"
          startIcon={<ChevronLeft />}
          disabled={previousCursor === null}
          onClick={() => change({ cursor: previousCursor ?? undefined })}
        >
          {t('logs.newer', 'Newer')}
        </Button>
        <Button
          variant="tertiary"
          endIcon={<ChevronRight />}
          disabled={nextCursor === null}
          onClick={() => change({ cursor: nextCursor ?? undefined })}
        >
          {t('logs.older', 'Older')}
        </Button>
      </Flex>
    </Flex>
  );
};
