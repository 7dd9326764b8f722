import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useAccount } from '../../account.tsx';
import { formatNumber } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { type Place, paths } from '../../paths.ts';
import { placeOfLicense } from '../alerts/alert-words.ts';
import { FixButton } from '../licenses/Explanation.tsx';
import styles from './overview.module.css';
import type { Overview } from './overview-words.ts';

/** The filter of the list of alerts. */
interface Search {
  virtualAccountId?: string | undefined;
  nested?: boolean | undefined;
}

type Alert = Overview['needsYou'][number];

const severityWords: Record<Alert['severity'], string> = {
  major: 'Major',
  minor: 'Minor',
  informational: 'For information',
};

/** The alerts that matter most, each with its shortest fix a click away. */
export function NeedsYou({ overview, filter }: { overview: Overview; filter: Search }) {
  const { accountId } = useAccount();
  const { needsYou, openAlerts } = overview;
  const more = openAlerts.major + openAlerts.minor + openAlerts.informational - needsYou.length;
  return (
    <Card
      title="Needs you"
      side={
        <PlaceLink to={paths.alerts(accountId, { ...filter })}>
          {more > 0 ? `${formatNumber(more)} more alerts` : 'All alerts'}
        </PlaceLink>
      }
    >
      {needsYou.length === 0 ? (
        <p className={styles.calm}>Nothing. Shortages, endings and silent instances would stand here.</p>
      ) : (
        <ul className={styles.todos}>
          {needsYou.map((alert) => (
            <Todo key={alert.alertId} alert={alert} />
          ))}
        </ul>
      )}
    </Card>
  );
}

/** What the alert is about: its pool, its instance, or the list of alerts. */
function placeOf(accountId: string, alert: Alert): Place {
  if (alert.instanceId !== null) return paths.productInstance(accountId, alert.instanceId);
  if (alert.tag !== null) return placeOfLicense(accountId, alert, alert.tag);
  return paths.alerts(accountId);
}

function Todo({ alert }: { alert: Alert }) {
  const { accountId } = useAccount();
  const navigate = useNavigate();
  const place = placeOf(accountId, alert);
  const first = alert.fixes[0];
  const act = first === undefined ? 'Open' : 'See fixes';
  return (
    <li className={styles.todo}>
      <span className={styles.dot} data-severity={alert.severity} title={severityWords[alert.severity]} />
      <p>
        <span className="visually-hidden">{severityWords[alert.severity]}: </span>
        <PlaceLink to={place}>{alert.message}</PlaceLink>
        {alert.detail !== '' && <small>{alert.detail}</small>}
      </p>
      {first?.kind === 'transfer' && alert.virtualAccountId !== null ? (
        <FixButton
          full
          primary={alert.severity === 'major'}
          fix={first}
          tag={first.tag}
          licenseName={alert.licenseName ?? first.tag}
          virtualAccountId={alert.virtualAccountId}
        />
      ) : (
        <Button
          onClick={() =>
            void navigate({ to: place.to, params: place.params ?? {}, search: place.search ?? {} })
          }
          aria-label={`${act}: ${alert.message}`}
        >
          {act}
        </Button>
      )}
    </li>
  );
}
