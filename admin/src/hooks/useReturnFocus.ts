import { useEffect, useLayoutEffect, useRef } from 'react';

/**
 * Gives the focus back to where it was when a dialog opened. The design system only does that for dialogs with a
 * trigger of their own, and without it a person on the keyboard starts again at the top of the page.
 */
export const useReturnFocus = (open: boolean): void => {
  const opener = useRef<HTMLElement | null>(null);

  // Before the dialog takes the focus, which it does in an effect.
  useLayoutEffect(() => {
    if (open && document.activeElement instanceof HTMLElement) opener.current = document.activeElement;
  }, [open]);

  useEffect(() => {
    if (open) return undefined;
    const from = opener.current;
    opener.current = null;
    // After the dialog has let go of it.
    const timer = setTimeout(() => {
      if (document.activeElement === null || document.activeElement === document.body) from?.focus();
    }, 50);
    return () => clearTimeout(timer);
  }, [open]);
};
