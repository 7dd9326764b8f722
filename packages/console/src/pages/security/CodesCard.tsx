import type { AnswerOf, getMySecurity } from '@estover/protocol';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { count } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { ProvenDialog } from './ProvenDialog.tsx';
import { RecoveryCodes } from './RecoveryCodes.tsx';
import { SetUpCodesDialog } from './SetUpCodesDialog.tsx';
import styles from './security.module.css';

/** With so few recovery codes left it is time for new ones. */
const few = 3;

type Open = 'set-up' | 'renew' | 'turn-off' | null;

/** Codes of an authenticator app at sign-in: turned on, renewed, turned off. */
export function CodesCard({ totp }: { totp: AnswerOf<typeof getMySecurity>['totp'] }) {
  const [open, setOpen] = useState<Open>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const close = () => setOpen(null);
  const show = (fresh: string[]) => {
    setOpen(null);
    setCodes(fresh);
  };
  const { isOn, since, recoveryCodesLeft: left } = totp;
  return (
    <Card
      title="Codes at sign-in"
      padded
      side={<StatePill tone={isOn ? 'ok' : 'neutral'}>{isOn ? 'On' : 'Off'}</StatePill>}
    >
      <div className={styles.text}>
        {isOn ? (
          <>
            <p>
              After your password, sign-in asks for a code of your authenticator app, since{' '}
              <Moment at={since} />.
            </p>
            <p>
              {left === 0 ? 'No recovery code is left' : `${count(left, 'recovery code')} left`}
              {left < few && ': make new ones before you need them'}.
            </p>
            <div className={styles.buttons}>
              <Button onClick={() => setOpen('renew')}>New recovery codes…</Button>
              <Button color="bad" onClick={() => setOpen('turn-off')}>
                Turn off…
              </Button>
            </div>
          </>
        ) : (
          <>
            <p>
              Whoever learns your password gets in. With an authenticator app on your phone, sign-in asks for
              a code as well.
            </p>
            <Button onClick={() => setOpen('set-up')}>Turn on…</Button>
          </>
        )}
      </div>
      {open === 'set-up' && <SetUpCodesDialog onClose={close} onDone={show} />}
      {(open === 'renew' || open === 'turn-off') && (
        <ProvenDialog act={open} onClose={close} onRenewed={show} />
      )}
      {codes !== null && <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />}
    </Card>
  );
}
