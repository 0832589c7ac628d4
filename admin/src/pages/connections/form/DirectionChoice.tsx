import { Box, Flex, Grid, Radio, Typography } from '@strapi/design-system';
import { useId } from 'react';
import type { Direction } from '../../../../../server/src/contracts/connection';
import { useT } from '../../../utils/i18n';

interface DirectionChoiceProps {
  value: Direction;
  onChange: (direction: Direction) => void;
}

export const DirectionChoice = ({ value, onChange }: DirectionChoiceProps) => {
  const t = useT();
  const id = useId();
  const choices = [
    {
      direction: 'inbound',
      title: t('form.direction.inbound', 'Identity provider → Strapi'),
      text: t(
        'form.direction.inbound-text',
        'Okta, Entra ID or another provider creates, updates and deactivates the people of this Strapi.'
      ),
    },
    {
      direction: 'outbound',
      title: t('form.direction.outbound', 'Strapi → application'),
      text: t(
        'form.direction.outbound-text',
        'People that change in this Strapi are created, updated and deactivated in an application that understands SCIM.'
      ),
    },
  ] as const;

  return (
    <Radio.Group
      aria-label={t('form.direction', 'Direction')}
      value={value}
      onValueChange={(next) => onChange(next === 'outbound' ? 'outbound' : 'inbound')}
    >
      <Grid.Root gap={4}>
        {choices.map(({ direction, title, text }) => (
          <Grid.Item key={direction} col={6} s={12} xs={12} direction="column" alignItems="stretch">
            <Box
              background={value === direction ? 'primary100' : 'neutral0'}
              borderColor={value === direction ? 'primary600' : 'neutral200'}
              borderStyle="solid"
              borderWidth="1px"
              hasRadius
              padding={4}
              height="100%"
              onClick={() => onChange(direction)}
              cursor="pointer"
            >
              <Flex direction="column" alignItems="flex-start" gap={2}>
                <Radio.Item value={direction} aria-describedby={`${id}-${direction}`}>
                  {title}
                </Radio.Item>
                <Typography id={`${id}-${direction}`} variant="pi" textColor="neutral600">
                  {text}
                </Typography>
              </Flex>
            </Box>
          </Grid.Item>
        ))}
      </Grid.Root>
    </Radio.Group>
  );
};
