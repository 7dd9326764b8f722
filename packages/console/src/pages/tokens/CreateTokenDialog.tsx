import { createToken, getAccount } from '@estover/protocol';
import { NumberInput, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useOperation } from '../../api.ts';
import { count } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { SecretOnce } from '../../parts/SecretOnce.tsx';
import { VirtualAccountSelect } from '../../parts/VirtualAccountPicker.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { fieldProblem } from '../../problems.ts';
import styles from './CreateTokenDialog.module.css';
import { RegisterCommand } from './RegisterCommand.tsx';

interface CreateTokenDialogProps {
  onClose: () => void;
  /** Chosen at first; the default virtual account otherwise. */
  virtualAccountId?: string | undefined;
  /** Words and defaults for somebody who brings one product instance in and needs a token for it. */
  guide?: boolean;
}

const recommendedDays = 30;
const longestDays = 365;
const mostUses = 1_000_000;

/** Makes a registration token, shows its secret once, and the command that uses it. */
export function CreateTokenDialog({ onClose, virtualAccountId, guide = false }: CreateTokenDialogProps) {
  const { accountId } = useAccount();
  const virtualAccounts = useVirtualAccounts();
  const account = useOperation(getAccount, { params: { accountId } }).data?.account;
  const create = useAction(createToken);
  const [chosen, choose] = useState<string | null>(virtualAccountId ?? null);
  const [description, setDescription] = useState('');
  const [days, setDays] = useState<number | string>(recommendedDays);
  const [limited, setLimited] = useState(guide);
  const [uses, setUses] = useState<number | string>(1);
  const [exportControlled, setExportControlled] = useState(false);
  const [addressRange, setAddressRange] = useState('');

  const into =
    virtualAccounts.find((one) => one.virtualAccountId === chosen) ??
    virtualAccounts.find((one) => one.isDefault) ??
    virtualAccounts[0];
  const exportForbidden = account?.exportCategory === 'C' || account?.exportCategory === 'D';
  const input = {
    params: { accountId, virtualAccountId: into?.virtualAccountId ?? '' },
    body: {
      description: description.trim(),
      expiresInDays: Number(days),
      maximumUses: limited ? Number(uses) : null,
      exportControlledAllowed: exportControlled && !exportForbidden,
      addressRange: addressRange.trim() === '' ? null : addressRange.trim(),
    },
  };

  if (create.data !== undefined) {
    return (
      <SecretOnce
        title={guide ? 'Register the product instance' : 'The token is made'}
        what="registration token"
        secret={create.data.secret}
        onClose={onClose}
      >
        <RegisterCommand made={create.data} />
      </SecretOnce>
    );
  }
  return (
    <FormDialog
      title={guide ? 'Add a product instance' : 'New registration token'}
      act={into === undefined ? 'Make token' : `Make token for ${into.name}`}
      blocked={
        into === undefined
          ? 'There is no virtual account you may make a token for.'
          : !(Number(days) >= 1 && Number(days) <= longestDays)
            ? `Choose from 1 to ${longestDays} days.`
            : limited && !(Number(uses) >= 1)
              ? 'Choose how many may register with it.'
              : null
      }
      acting={create.isPending}
      error={create.error}
      marked={['/description', '/expiresInDays', '/maximumUses', '/addressRange']}
      onClose={onClose}
      onAct={() => create.mutate(input)}
      apiCall={<ApiCall operation={createToken} input={input} />}
    >
      {guide && (
        <ol className={styles.steps}>
          <li>Choose the virtual account it belongs to.</li>
          <li>Make a token: the secret that lets it in.</li>
          <li>Run one command where the product is; it appears here within seconds.</li>
        </ol>
      )}
      <VirtualAccountSelect
        label="Virtual account"
        description="Where what registers with the token belongs."
        value={into?.virtualAccountId ?? null}
        onChange={choose}
      />
      <TextInput
        label="Description"
        description="What it is for, so that others know it later."
        maxLength={200}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        error={fieldProblem(create.error, '/description')}
        data-autofocus
      />
      <NumberInput
        label="Valid for days"
        description={`From 1 to ${longestDays}; ${recommendedDays} are recommended.`}
        min={1}
        max={longestDays}
        allowDecimal={false}
        value={days}
        onChange={setDays}
        error={fieldProblem(create.error, '/expiresInDays')}
      />
      <fieldset className={styles.uses}>
        <legend>How many may register with it</legend>
        <SegmentedControl
          aria-label="How many may register with it"
          value={limited ? 'limited' : 'any'}
          onChange={(value) => setLimited(value === 'limited')}
          data={[
            { value: 'any', label: 'No limit' },
            { value: 'limited', label: 'At most' },
          ]}
        />
        {limited && (
          <NumberInput
            aria-label="Registrations at most"
            min={1}
            max={mostUses}
            allowDecimal={false}
            value={uses}
            onChange={setUses}
            error={fieldProblem(create.error, '/maximumUses')}
          />
        )}
      </fieldset>
      {account !== undefined && !exportForbidden && (
        <Switch
          label="Allow export-controlled functionality"
          description="What registers with it may use licenses that are export-controlled."
          checked={exportControlled}
          onChange={(event) => setExportControlled(event.currentTarget.checked)}
        />
      )}
      {exportForbidden && (
        <p className={styles.quiet}>
          Export-controlled functionality is not available to accounts of export category{' '}
          {account.exportCategory}.
        </p>
      )}
      <TextInput
        label="Address range (optional)"
        description="Registrations from elsewhere are refused, such as 10.20.0.0/16."
        placeholder="Any address"
        value={addressRange}
        onChange={(event) => setAddressRange(event.currentTarget.value)}
        error={fieldProblem(create.error, '/addressRange')}
      />
      <p className={styles.quiet}>
        The token ends in {count(Number(days) || 0, 'day')}. What registered with it stays registered.
      </p>
    </FormDialog>
  );
}
