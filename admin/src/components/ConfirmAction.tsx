import { ConfirmDialog } from '@strapi/strapi/admin';
import { Dialog } from '@strapi/design-system';
import { useReturnFocus } from '../hooks/useReturnFocus';

interface ConfirmActionProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: string;
  variant?: 'danger-light' | 'default';
  onConfirm: () => Promise<void> | void;
}

/** A dialog that asks before something that cannot be taken back or reaches many people. */
export const ConfirmAction = ({ open, onOpenChange, title, children, variant, onConfirm }: ConfirmActionProps) => {
  useReturnFocus(open);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <ConfirmDialog title={title} variant={variant} onConfirm={onConfirm}>
        {children}
      </ConfirmDialog>
    </Dialog.Root>
  );
};
