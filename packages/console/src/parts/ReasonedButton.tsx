import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { ComponentProps, ReactNode } from 'react';
import type { Reason } from '../account.tsx';

type ReasonedButtonProps = ButtonProps &
  Omit<ComponentProps<'button'>, keyof ButtonProps | 'disabled'> & {
    /** Why it cannot be pressed now; null where it can. */
    reason?: Reason;
    children: ReactNode;
  };

/**
 * A button that, where it is not allowed, stays in sight and says why. It stays reachable by keyboard: `disabled` would
 * take it out of the tab order, and its reason with it.
 */
export function ReasonedButton({ reason = null, children, onClick, ...rest }: ReasonedButtonProps) {
  if (reason === null) {
    return (
      <Button onClick={onClick} {...rest}>
        {children}
      </Button>
    );
  }
  return (
    <Tooltip label={reason}>
      <Button
        {...rest}
        variant="default"
        type="button"
        data-disabled
        aria-disabled="true"
        onClick={(event) => event.preventDefault()}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
