import { Flex, Typography } from '@strapi/design-system';
import { styled } from 'styled-components';
import type { HttpExchange } from '../../../../../server/src/contracts/operation';
import { useT } from '../../../utils/i18n';

const Body = styled.pre`
  margin: 0;
  max-height: 32rem;
  overflow: auto;
  padding: ${({ theme }) => theme.spaces[3]};
  border-radius: ${({ theme }) => theme.borderRadius};
  background: ${({ theme }) => theme.colors.neutral100};
  color: ${({ theme }) => theme.colors.neutral800};
  font-size: ${({ theme }) => theme.fontSizes[1]};
  white-space: pre-wrap;
  overflow-wrap: anywhere;
`;

const asText = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body, null, 2));

/** What went over the wire; secrets were taken out before it was stored. */
export const Exchange = ({ exchange: { method, path, status, requestBody, responseBody } }: { exchange: HttpExchange }) => {
  const t = useT();
  const bodies: [label: string, body: unknown][] = [
    [t('detail.request', 'Request'), requestBody],
    [
      status === null
        ? t('detail.no-answer', 'No answer came')
        : t('detail.answer', 'Answer: status {status}', { status: String(status) }),
      responseBody,
    ],
  ];
  return (
    <Flex direction="column" alignItems="stretch" gap={3}>
      <Typography tag="code" style={{ overflowWrap: 'anywhere' }} dir="ltr">
        {method} {path}
      </Typography>
      {bodies.map(([label, body]) => (
        <Flex key={label} direction="column" alignItems="stretch" gap={1}>
          <Typography variant="pi" fontWeight="bold">
            {label}
          </Typography>
          {body === null || body === undefined || body === '' ? (
            <Typography variant="pi" textColor="neutral600">
              {t('detail.no-body', 'No body')}
            </Typography>
          ) : (
            // Scrolls with the keyboard too.
            <Body tabIndex={0} aria-label={label}>
              {asText(body)}
            </Body>
          )}
        </Flex>
      ))}
    </Flex>
  );
};
