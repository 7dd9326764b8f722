import { ActionIcon, Button, CopyButton as Copying, Tooltip } from '@mantine/core';
import { CheckIcon, CopyIcon } from './icons.tsx';

/** Copies a text; `label` names what is copied. With `words` it is a button that says so, else a small sign. */
export function CopyButton({
  value,
  label,
  words = false,
}: {
  value: string;
  label: string;
  words?: boolean;
}) {
  return (
    <Copying value={value} timeout={2000}>
      {({ copied, copy }) =>
        words ? (
          <Button onClick={copy} leftSection={copied ? <CheckIcon /> : <CopyIcon />}>
            {copied ? 'Copied' : label}
          </Button>
        ) : (
          <Tooltip label={copied ? 'Copied' : label}>
            <ActionIcon onClick={copy} aria-label={label}>
              {copied ? <CheckIcon /> : <CopyIcon />}
            </ActionIcon>
          </Tooltip>
        )
      }
    </Copying>
  );
}
