import type { CallInput, Operation } from '@estover/protocol';
import { Button, Modal, TextInput } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import { shown } from '../shown.ts';
import { ApiCall } from './ApiCall.tsx';
import styles from './dialogs.module.css';
import { useFocusReturn } from './focus-return.ts';
import { ProblemNotice } from './ProblemNotice.tsx';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Names the act and its amount: "Move 31 from Madrid". */
  act: string;
  onAct: () => void;
  acting: boolean;
  error?: unknown;
  /** The fields that show with `fieldProblem` what is wrong with them, so that the notice does not repeat it. */
  marked?: readonly string[];
  /** Why the act is not possible yet, such as a field that is still empty. */
  blocked?: string | null;
  destructive?: boolean;
  size?: string | number;
  /** The fold with the same call for programs. */
  apiCall?: ReactNode;
}

/** A form in a dialog: fields, problem in place, one button that names the act, the same call for programs. */
export function FormDialog(props: DialogProps) {
  const { title, onClose, children, act, onAct, acting, error, blocked = null, destructive, size } = props;
  useFocusReturn();
  const reasonId = useId();
  return (
    <Modal opened onClose={onClose} title={shown(title)} size={size ?? 'md'}>
      <form
        className={styles.body}
        onSubmit={(event) => {
          event.preventDefault();
          if (blocked === null && !acting) onAct();
        }}
      >
        {children}
        <ProblemNotice error={error} marked={props.marked} />
        <div className={styles.actions}>
          {/* In sight for everybody: a disabled button is out of the keyboard's reach, and so is its title. */}
          <p id={reasonId} className={styles.blocked} aria-live="polite">
            {blocked}
          </p>
          <Button type="button" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            variant="filled"
            color={destructive ? 'bad' : 'brand'}
            loading={acting}
            disabled={blocked !== null}
            aria-describedby={blocked === null ? undefined : reasonId}
            title={blocked ?? undefined}
          >
            {shown(act)}
          </Button>
        </div>
      </form>
      {props.apiCall}
    </Modal>
  );
}

interface ConfirmDialogProps<O extends Operation> {
  title: string;
  children: ReactNode;
  act: string;
  onAct: () => void;
  onClose: () => void;
  acting: boolean;
  error?: unknown;
  /** What has to be typed before something is destroyed: its name. */
  typeName?: string;
  destructive?: boolean;
  /** Why the act is not possible yet, beside the name that has to be typed. */
  blocked?: string | null;
  call: { operation: O; input: CallInput<O> };
}

/** Asks before an act, naming it and its amount. What cannot be undone asks for the name of the thing. */
export function ConfirmDialog<O extends Operation>(props: ConfirmDialogProps<O>) {
  const { typeName, children, call, destructive = typeName !== undefined, blocked = null, ...rest } = props;
  const [typed, setTyped] = useState('');
  // Names that devices give themselves may have blanks around them, which nobody sees.
  const untyped =
    typeName === undefined || typed.trim() === typeName.trim() ? null : `Type “${typeName}” to go on.`;
  return (
    <FormDialog
      {...rest}
      destructive={destructive}
      blocked={blocked ?? untyped}
      apiCall={<ApiCall operation={call.operation} input={call.input} />}
    >
      {children}
      {typeName !== undefined && (
        <TextInput
          label={`Type “${typeName}” to confirm`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
      )}
    </FormDialog>
  );
}
