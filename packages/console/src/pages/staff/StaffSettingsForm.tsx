import { supportMinutes } from '@estover/domain/support';
import { updateStaffSettings } from '@estover/protocol';
import { Checkbox, NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { Reason } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import styles from '../support/support.module.css';
import type { Staff } from './staff-words.ts';

/** What holds for all staff. */
export function StaffSettingsForm({ settings, reason }: { settings: Staff['settings']; reason: Reason }) {
  const update = useAction(updateStaffSettings);
  const [secondFactorRequired, setRequired] = useState(settings.secondFactorRequired);
  const [minutes, setMinutes] = useState<number | string>(settings.supportMostMinutes);
  const body = { secondFactorRequired, supportMostMinutes: Number(minutes) };
  const isSame =
    secondFactorRequired === settings.secondFactorRequired &&
    body.supportMostMinutes === settings.supportMostMinutes;
  return (
    <Card title="For all staff" padded>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (reason === null && !isSame) {
            update.mutate({ body }, { onSuccess: () => notifyDone('What holds for staff is set.') });
          }
        }}
      >
        <Checkbox
          label="Staff needs a second factor"
          description="Without codes of an authenticator app platform roles wait; sign-in leads to setting them up."
          checked={secondFactorRequired}
          disabled={reason !== null}
          onChange={(event) => setRequired(event.currentTarget.checked)}
        />
        <NumberInput
          label="Minutes a support access lasts at most"
          min={supportMinutes.least}
          max={supportMinutes.most}
          step={15}
          maw={320}
          value={minutes}
          disabled={reason !== null}
          onChange={setMinutes}
        />
        <ProblemNotice error={update.error} />
        <div className={styles.buttons}>
          <ReasonedButton
            type="submit"
            reason={reason ?? (isSame ? 'It is set like this.' : null)}
            loading={update.isPending}
          >
            Save
          </ReasonedButton>
        </div>
      </form>
    </Card>
  );
}
