import { Typography, type TypographyProps } from '@strapi/design-system';

interface PersonNameProps extends Pick<TypographyProps, 'fontWeight' | 'textColor' | 'variant'> {
  children: string;
  maxWidth?: string;
  /** `ltr` for sentences of the plugin: a right-to-left name at their beginning must not turn them round. */
  dir?: 'auto' | 'ltr';
}

/**
 * A name from outside: cut where it is too long, with the whole of it as title, and kept apart from the direction of
 * the text around it, so that a right-to-left name does not turn the row round.
 */
export const PersonName = ({ children, maxWidth = '24rem', dir = 'auto', ...typography }: PersonNameProps) => (
  <Typography
    tag="bdi"
    dir={dir}
    ellipsis
    title={children}
    style={{ display: 'block', maxWidth }}
    textColor="neutral800"
    {...typography}
  >
    {children}
  </Typography>
);
