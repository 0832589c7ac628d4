import { Flex, Typography } from '@strapi/design-system';
import { useId, type ReactNode } from 'react';

export const Section = ({ title, children }: { title: string; children: ReactNode }) => {
  const id = useId();
  return (
    <Flex tag="section" aria-labelledby={id} direction="column" alignItems="stretch" gap={3}>
      <Typography id={id} variant="delta" tag="h3">
        {title}
      </Typography>
      {children}
    </Flex>
  );
};
