import { Box, Flex } from '@strapi/design-system';
import { NavLink } from 'react-router-dom';
import { styled } from 'styled-components';
import { useConnectionRights, useLogRights } from '../hooks/usePermissions';
import { useT } from '../utils/i18n';
import { PATHS } from '../utils/paths';

const Tab = styled(NavLink)`
  display: inline-block;
  padding: ${({ theme }) => `${theme.spaces[3]} ${theme.spaces[1]}`};
  color: ${({ theme }) => theme.colors.neutral600};
  font-size: ${({ theme }) => theme.fontSizes[2]};
  font-weight: ${({ theme }) => theme.fontWeights.semiBold};
  text-decoration: none;
  border-bottom: 2px solid transparent;

  &:hover {
    color: ${({ theme }) => theme.colors.neutral800};
  }

  &[aria-current='page'] {
    color: ${({ theme }) => theme.colors.primary600};
    border-bottom-color: ${({ theme }) => theme.colors.primary600};
  }
`;

/** Leads to the pages that the person may open. */
export const SubNavigation = () => {
  const t = useT();
  const connections = useConnectionRights();
  const logs = useLogRights();
  return (
    <Box
      tag="nav"
      aria-label={t('nav.label', 'User Provisioning')}
      borderColor="neutral200"
      borderStyle="solid"
      borderWidth="0 0 1px 0"
      marginBottom={6}
    >
      <Flex gap={6}>
        {connections.canRead ? <Tab to={PATHS.connections}>{t('nav.connections', 'Connections')}</Tab> : null}
        {logs.canRead ? <Tab to={PATHS.logs}>{t('nav.logs', 'Provisioning log')}</Tab> : null}
      </Flex>
    </Box>
  );
};
