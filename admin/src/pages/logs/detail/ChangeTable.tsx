import { Typography } from '@strapi/design-system';
import { styled } from 'styled-components';
import type { AttributeChange } from '../../../../../server/src/contracts/operation';
import { useT } from '../../../utils/i18n';

const Plain = styled.table`
  width: 100%;
  border-collapse: collapse;

  th,
  td {
    text-align: start;
    vertical-align: top;
    padding: ${({ theme }) => theme.spaces[2]};
    border-bottom: 1px solid ${({ theme }) => theme.colors.neutral150};
    overflow-wrap: anywhere;
  }

  /* Attribute names are short and read best whole; values take the rest. */
  th:first-child,
  td:first-child {
    min-width: 14rem;
    overflow-wrap: break-word;
  }
`;

/** A value as a person writes it: text without quotes, everything else as JSON. */
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 1));

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === '';

/** A plain table: the design system's one moves the focus by cells, which a table to read does not need. */
export const ChangeTable = ({ changes }: { changes: AttributeChange[] }) => {
  const t = useT();
  const none = (
    <Typography textColor="neutral600" variant="pi">
      {t('detail.empty-value', '(empty)')}
    </Typography>
  );
  const cell = (value: unknown) =>
    isEmpty(value) ? none : <Typography dir="auto" tag="bdi">{asText(value)}</Typography>;

  return (
    <Plain>
      <thead>
        <tr>
          {[t('detail.attribute', 'Attribute'), t('detail.before', 'Before'), t('detail.after', 'After')].map((header) => (
            <th key={header} scope="col">
              <Typography variant="sigma" textColor="neutral600">
                {header}
              </Typography>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {changes.map((change, index) => (
          <tr key={`${index}-${change.path}`}>
            <th scope="row">
              <Typography fontWeight="semiBold">{change.path}</Typography>
            </th>
            <td>{cell(change.before)}</td>
            <td>{cell(change.after)}</td>
          </tr>
        ))}
      </tbody>
    </Plain>
  );
};
