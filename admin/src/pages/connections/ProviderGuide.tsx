import { Box, Flex, Typography } from '@strapi/design-system';
import { useT } from '../../utils/i18n';
import { presetOf } from './presets';

/** Where the base URL and the token go at the provider. */
export const ProviderGuide = ({ preset }: { preset: string }) => {
  const t = useT();
  const { label, steps } = presetOf(preset);
  return (
    <Flex direction="column" alignItems="stretch" gap={2}>
      <Typography variant="omega" fontWeight="bold" tag="h3">
        {t('guide.title', 'Next, at your provider: {provider}', { provider: t(...label) })}
      </Typography>
      <Box tag="ol" paddingLeft={6} style={{ listStyle: 'decimal' }}>
        {steps.map((step) => (
          <Typography tag="li" key={step[0]} style={{ display: 'list-item', paddingBlockEnd: '0.4rem' }}>
            {t(...step)}
          </Typography>
        ))}
      </Box>
    </Flex>
  );
};
