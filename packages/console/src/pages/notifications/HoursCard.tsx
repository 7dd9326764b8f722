import type { DigestHours } from '@estover/domain/notifications';
import { setMyNotificationHours } from '@estover/protocol';
import { Autocomplete, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { fieldProblem } from '../../problems.ts';
import { hourInWords, weekdays } from './notification-words.ts';
import styles from './notifications.module.css';

const zones = Intl.supportedValuesOf('timeZone');
const hours = Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: hourInWords(hour) }));
const days = weekdays.map((label, index) => ({ value: String(index + 1), label }));

/** When digests come, in all accounts. */
export function HoursCard({ hours: saved }: { hours: DigestHours }) {
  const set = useAction(setMyNotificationHours);
  const [zone, setZone] = useState(saved.timeZone ?? '');
  const [hour, setHour] = useState(saved.hour);
  const [weekday, setWeekday] = useState(saved.weekday);
  const body = { timeZone: zone.trim() === '' ? null : zone.trim(), hour, weekday };
  const isChanged = body.timeZone !== saved.timeZone || hour !== saved.hour || weekday !== saved.weekday;
  const reason = isChanged ? null : 'Nothing is changed yet.';
  return (
    <Card title="When digests come" padded>
      <form
        className={styles.hours}
        onSubmit={(event) => {
          event.preventDefault();
          if (reason === null) set.mutate({ body }, { onSuccess: () => notifyDone('Digests come then.') });
        }}
      >
        <NativeSelect
          label="Hour"
          data={hours}
          value={String(hour)}
          onChange={(event) => setHour(Number(event.currentTarget.value))}
        />
        <NativeSelect
          label="Weekly ones on"
          data={days}
          value={String(weekday)}
          onChange={(event) => setWeekday(Number(event.currentTarget.value))}
        />
        <Autocomplete
          label="Time zone"
          placeholder="UTC"
          limit={20}
          maxLength={64}
          data={zones}
          value={zone}
          onChange={setZone}
          error={fieldProblem(set.error, '/timeZone')}
        />
        <ReasonedButton type="submit" variant="filled" reason={reason} loading={set.isPending}>
          Save the hours
        </ReasonedButton>
      </form>
      <p className={styles.text}>Without a time zone it is UTC.</p>
      <ProblemNotice error={set.error} marked={['/timeZone']} />
    </Card>
  );
}
