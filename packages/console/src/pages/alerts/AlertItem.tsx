import { snoozeAlert } from '@estover/protocol';
import { Menu } from '@mantine/core';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { count, formatDay, formatPath } from '../../format.ts';
import { Moment } from '../../parts/figures.tsx';
import { notifyDone, notifyProblem } from '../../parts/notify.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { paths } from '../../paths.ts';
import { Fixes } from '../licenses/Explanation.tsx';
import styles from './AlertsPage.module.css';
import { type Alert, placeOfLicense } from './alert-words.ts';

const snoozes = [1, 7, 30];

/** One alert: what is wrong, since when, where, and the shortest ways out. */
export function AlertItem({ alert }: { alert: Alert }) {
  const { accountId } = useAccount();
  const open = alert.resolvedAt === null;
  return (
    <li>
      <div className={styles.words}>
        <b>{alert.message}</b>
        {alert.detail !== '' && <p>{alert.detail}</p>}
        <div className={styles.facts}>
          {alert.virtualAccountId !== null && <span>{formatPath(alert.virtualAccountPath)}</span>}
          {alert.tag !== null && (
            <PlaceLink to={placeOfLicense(accountId, alert, alert.tag)}>
              {alert.licenseName ?? 'The license'}
            </PlaceLink>
          )}
          {alert.instanceId !== null && (
            <PlaceLink to={paths.productInstance(accountId, alert.instanceId)}>
              {alert.instanceName ?? 'The product instance'}
            </PlaceLink>
          )}
          <span>
            Raised <Moment at={alert.openedAt} />
          </span>
          {open && alert.actionDueAt !== null && (
            <span className={styles.due}>
              Due {formatDay(alert.actionDueAt)}, <Moment at={alert.actionDueAt} />
            </span>
          )}
          {alert.snoozedUntil !== null && Date.parse(alert.snoozedUntil) > Date.now() && (
            <span>Back on {formatDay(alert.snoozedUntil)}</span>
          )}
          {alert.resolvedAt !== null && (
            <span>
              Resolved <Moment at={alert.resolvedAt} />
            </span>
          )}
        </div>
      </div>
      {open && <Snooze alert={alert} />}
      {open && alert.tag !== null && alert.virtualAccountId !== null && alert.fixes.length > 0 && (
        <div className={styles.fixes}>
          <Fixes
            fixes={alert.fixes}
            tag={alert.tag}
            licenseName={alert.licenseName ?? alert.tag}
            virtualAccountId={alert.virtualAccountId}
          />
        </div>
      )}
    </li>
  );
}

function Snooze({ alert }: { alert: Alert }) {
  const account = useAccount();
  const snooze = useAction(snoozeAlert);
  const reason = account.reasonAgainst('move-inventory');
  const button = (
    <ReasonedButton size="xs" loading={snooze.isPending} reason={reason}>
      Snooze…
    </ReasonedButton>
  );
  if (reason !== null) return <div>{button}</div>;
  return (
    <div>
      <Menu position="bottom-end">
        <Menu.Target>{button}</Menu.Target>
        <Menu.Dropdown aria-label={`Snooze: ${alert.message}`}>
          {snoozes.map((days) => (
            <Menu.Item
              key={days}
              onClick={() =>
                snooze.mutate(
                  { params: { accountId: account.accountId, alertId: alert.alertId }, body: { days } },
                  {
                    onSuccess: () => notifyDone(`Put aside for ${count(days, 'day')}.`),
                    onError: notifyProblem,
                  },
                )
              }
            >
              For {count(days, 'day')}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
