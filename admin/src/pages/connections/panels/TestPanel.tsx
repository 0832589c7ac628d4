import { Box, Button, Flex, Typography } from '@strapi/design-system';
import { CheckCircle, CrossCircle, Play } from '@strapi/icons';
import type { ConnectionInfo } from '../../../../../server/src/contracts/connection';
import { Notice } from '../../../components/Notice';
import { Panel } from '../../../components/Panel';
import { messageOf } from '../../../utils/errors';
import { useTestConnectionMutation } from '../../../services/connections';
import { useT } from '../../../utils/i18n';

interface TestPanelProps {
  connection: ConnectionInfo;
  unsaved: boolean;
}

export const TestPanel = ({ connection, unsaved }: TestPanelProps) => {
  const t = useT();
  const [test, { data, error, isLoading }] = useTestConnectionMutation();

  return (
    <Panel
      title={t('test.title', 'Test')}
      description={
        unsaved
          ? t('test.unsaved', 'The test uses the saved values: save your changes first.')
          : t('test.description', 'Tries the connection step by step and changes nobody.')
      }
      actions={
        <Button variant="secondary" startIcon={<Play />} loading={isLoading} onClick={() => void test(connection.id)}>
          {t('test.run', 'Test connection')}
        </Button>
      }
    >
      <Box aria-live="polite" aria-busy={isLoading}>
        {isLoading ? null : error !== undefined ? (
          <Notice variant="danger" title={t('test.not-run', 'The test could not be run')}>
            {messageOf(error) ?? t('test.not-run-text', 'Strapi did not say why; its log may.')}
          </Notice>
        ) : data === undefined ? null : (
          <Flex direction="column" alignItems="stretch" gap={4}>
            <Notice
              variant={data.ok ? 'success' : 'danger'}
              title={data.ok ? t('test.passed', 'The connection works') : t('test.failed', 'The connection does not work yet')}
            >
              {data.ok ? undefined : t('test.failed-text', 'The first step that failed says what to do.')}
            </Notice>
            <Flex tag="ol" direction="column" alignItems="stretch" gap={2}>
              {data.steps.map((step, index) => (
                <Flex tag="li" key={`${index}-${step.name}`} gap={3} alignItems="flex-start">
                  <Box flex="none" paddingTop="2px">
                    {step.ok ? (
                      <CheckCircle fill="success600" aria-label={t('test.step-ok', 'OK')} />
                    ) : (
                      <CrossCircle fill="danger600" aria-label={t('test.step-failed', 'Failed')} />
                    )}
                  </Box>
                  <Box minWidth={0} flex="1">
                    <Typography fontWeight="semiBold">{step.name}</Typography>
                    <br />
                    <Typography style={{ overflowWrap: 'anywhere' }}>{step.message}</Typography>
                  </Box>
                  <Typography variant="pi" textColor="neutral600" style={{ whiteSpace: 'nowrap' }}>
                    {t('time.milliseconds', '{ms, number} ms', { ms: Math.round(step.durationMs) })}
                  </Typography>
                </Flex>
              ))}
            </Flex>
          </Flex>
        )}
      </Box>
    </Panel>
  );
};
