import { ConfirmDialog } from '@strapi/strapi/admin';
import { Dialog } from '@strapi/design-system';
import type { ReactNode } from 'react';

interface ConfirmActionProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: string;
  variant?: 'danger-light' | 'default';
  onConfirm: () => Promise<void> | void;
  trigger?: ReactNode;
}

/** A dialog that asks before something that cannot be taken back or reaches many people. */
export const ConfirmAction = ({ open, onOpenChange, title, children, variant, onConfirm, trigger }: ConfirmActionProps) => (
  <Dialog.Root open={open} onOpenChange={onOpenChange}>
    {trigger}
    <ConfirmDialog title={title} variant={variant} onConfirm={onConfirm}>
      {children}
    </ConfirmDialog>
  </Dialog.Root>
);
