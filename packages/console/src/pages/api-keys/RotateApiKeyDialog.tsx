import { type apiKey, rotateApiKey } from '@estover/protocol';
import { Select } from '@mantine/core';
import { useState } from 'react';
import type { z } from 'zod';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { SecretOnce } from '../../parts/SecretOnce.tsx';

const overlaps = [
  { value: '0', label: 'Not at all: it ends now' },
  { value: '1', label: 'For one hour' },
  { value: '24', label: 'For one day' },
  { value: '168', label: 'For seven days' },
];

/** Gives a client a new secret, and says how long the one before works on. */
export function RotateApiKeyDialog({
  apiKey: key,
  onClose,
}: {
  apiKey: z.infer<typeof apiKey>;
  onClose: () => void;
}) {
  const { accountId } = useAccount();
  const rotate = useAction(rotateApiKey);
  const [overlapHours, setOverlapHours] = useState('24');
  const input = {
    params: { accountId, apiKeyId: key.apiKeyId },
    body: { overlapHours: Number(overlapHours) },
  };
  const secret = rotate.data?.secret;
  if (secret !== undefined) {
    return (
      <SecretOnce title={`New secret of ${key.name}`} what="client secret" secret={secret} onClose={onClose}>
        <p>
          {overlapHours === '0'
            ? 'The secret before it opens nothing any more.'
            : 'Give it to the programs that use the client. The list shows whether the one before is still used.'}
        </p>
      </SecretOnce>
    );
  }
  return (
    <FormDialog
      title={`Rotate ${key.name}`}
      act="Make a new secret"
      acting={rotate.isPending}
      error={rotate.error}
      onClose={onClose}
      onAct={() => rotate.mutate(input)}
      apiCall={<ApiCall operation={rotateApiKey} input={input} />}
    >
      <Select
        label="The secret of now works on"
        description="So that programs change over without an outage. One from an earlier rotation ends now."
        data={overlaps}
        value={overlapHours}
        allowDeselect={false}
        onChange={(value) => setOverlapHours(value ?? '24')}
      />
    </FormDialog>
  );
}
