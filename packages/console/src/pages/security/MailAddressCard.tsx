import type { AnswerOf, getMySecurity } from '@estover/protocol';
import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Card } from '../../parts/Card.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { StatePill } from '../../parts/figures.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { fieldProblem } from '../../problems.ts';
import { changeMailAddress, proveMailAddress } from '../../session.ts';
import { shown } from '../../shown.ts';
import { withProof } from '../../step-up.ts';
import styles from './security.module.css';

/** The person's mail address: whether it is proved, and how it is changed. */
export function MailAddressCard({
  security: { email, emailProved, singleSignOn },
}: {
  security: AnswerOf<typeof getMySecurity>;
}) {
  const [changing, setChanging] = useState(false);
  const prove = useMutation({
    mutationFn: proveMailAddress,
    onSuccess: () => notifyDone(`A mail is on its way to ${email}.`),
    onError: notifyProblem,
  });
  return (
    <Card
      title="Mail address"
      padded
      side={<StatePill tone={emailProved ? 'ok' : 'warn'}>{emailProved ? 'Proved' : 'Not proved'}</StatePill>}
    >
      <div className={styles.text}>
        <p>
          {emailProved
            ? `You sign in with ${shown(email)}. Roles that are given to it are yours.`
            : `Nobody has proved that ${shown(email)} is yours. Roles that are given to it count once you open the link of a mail.`}
        </p>
        <div className={styles.buttons}>
          {!emailProved && (
            <Button variant="filled" loading={prove.isPending} onClick={() => prove.mutate()}>
              Send the mail
            </Button>
          )}
          <ReasonedButton
            reason={
              singleSignOn?.isRequired === true
                ? `Your company signs you in with this address. Ask an administrator of ${singleSignOn.domain}.`
                : null
            }
            onClick={() => setChanging(true)}
          >
            Change the address…
          </ReasonedButton>
        </div>
      </div>
      {changing && <ChangeDialog email={email} onClose={() => setChanging(false)} />}
    </Card>
  );
}

function ChangeDialog({ email, onClose }: { email: string; onClose: () => void }) {
  const [wanted, setWanted] = useState('');
  const change = useMutation({
    mutationFn: () => withProof(() => changeMailAddress(wanted.trim())),
    onSuccess: () => {
      notifyDone(`A mail is on its way to ${wanted.trim()}. Until its link is opened nothing changes.`);
      onClose();
    },
  });
  return (
    <FormDialog
      title="Change your mail address"
      act="Send a mail to the new address"
      onAct={() => change.mutate()}
      onClose={onClose}
      acting={change.isPending}
      error={change.error}
      marked={['/email']}
      blocked={wanted.trim() === '' ? 'Type the new address.' : null}
    >
      <p>The link in that mail changes it. {shown(email)} hears of it.</p>
      <TextInput
        label="New mail address"
        type="email"
        autoComplete="email"
        maxLength={254}
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
        error={fieldProblem(change.error, '/email')}
        data-autofocus
      />
    </FormDialog>
  );
}
