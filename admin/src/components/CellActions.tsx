import { Flex } from '@strapi/design-system';
import type { KeyboardEvent, ReactNode } from 'react';

const CELL_KEYS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'];

/**
 * Several buttons in one cell. The design system's cell takes every key from them, Enter and Tab too, also while a
 * dialog that belongs to the cell is open: only those that move within the table are left to it.
 */
export const CellActions = ({ children }: { children: ReactNode }) => (
  <Flex
    justifyContent="flex-end"
    gap={2}
    wrap="wrap"
    onKeyDown={(event: KeyboardEvent) => {
      if (!CELL_KEYS.includes(event.key)) event.stopPropagation();
    }}
  >
    {children}
  </Flex>
);
