import { Box, Flex, Typography } from '@strapi/design-system';
import { CheckCircle, Information, WarningCircle } from '@strapi/icons';
import type { ReactNode } from 'react';

export type NoticeVariant = 'info' | 'success' | 'warning' | 'danger';

const LOOK = {
  info: { icon: Information, color: 'primary600', background: 'primary100', border: 'primary200' },
  success: { icon: CheckCircle, color: 'success600', background: 'success100', border: 'success200' },
  warning: { icon: WarningCircle, color: 'warning600', background: 'warning100', border: 'warning200' },
  danger: { icon: WarningCircle, color: 'danger600', background: 'danger100', border: 'danger200' },
} as const;

interface NoticeProps {
  variant: NoticeVariant;
  title?: string;
  children?: ReactNode;
}

/** A message that stays on the page; the design system's `Alert` always brings a close button. */
export const Notice = ({ variant, title, children }: NoticeProps) => {
  const { icon: Icon, color, background, border } = LOOK[variant];
  return (
    <Box
      role={variant === 'danger' ? 'alert' : 'status'}
      background={background}
      borderColor={border}
      borderStyle="solid"
      borderWidth="1px"
      hasRadius
      padding={4}
      width="100%"
    >
      <Flex gap={3} alignItems="flex-start">
        <Box color={color} aria-hidden flex="none" paddingTop="2px">
          <Icon width="1.6rem" height="1.6rem" fill={color} />
        </Box>
        <Flex direction="column" alignItems="flex-start" gap={1} minWidth={0} flex="1">
          {title ? (
            <Typography fontWeight="bold" textColor="neutral800">
              {title}
            </Typography>
          ) : null}
          {typeof children === 'string' ? <Typography textColor="neutral800">{children}</Typography> : children}
        </Flex>
      </Flex>
    </Box>
  );
};
