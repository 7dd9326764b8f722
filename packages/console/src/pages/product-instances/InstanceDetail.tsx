import type { AnswerOf, getProductInstance } from '@estover/protocol';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { formatInstant, formatNumber, formatPath, formatShortDay } from '../../format.ts';
import { Moment, StatePill, TagText } from '../../parts/figures.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts, PanelSection } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { useTransferReason } from '../../parts/transfer-reason.ts';
import { paths } from '../../paths.ts';
import { eventSentence } from '../events/event-sentence.ts';
import styles from './InstanceDetail.module.css';
import { InstancePill, isHere, licenseStates, type ProductInstance } from './instance-words.tsx';
import { RemoveInstanceDialog } from './RemoveInstanceDialog.tsx';
import { TransferInstanceDialog } from './TransferInstanceDialog.tsx';

type Detail = AnswerOf<typeof getProductInstance>;

/** Transfer and remove, with their reasons where they are not possible. */
export function InstanceActions({ instance }: { instance: ProductInstance }) {
  const account = useAccount();
  const [asked, setAsked] = useState<'transfer' | 'remove' | null>(null);
  const transferReason = useTransferReason();
  const left = isHere(instance) ? null : 'It has left already: it is kept here only for the record.';
  return (
    <>
      <ReasonedButton reason={left ?? transferReason} onClick={() => setAsked('transfer')}>
        Transfer…
      </ReasonedButton>
      <ReasonedButton
        reason={left ?? account.reasonAgainst('move-inventory')}
        color="bad"
        onClick={() => setAsked('remove')}
      >
        Remove…
      </ReasonedButton>
      {asked === 'transfer' && <TransferInstanceDialog instance={instance} onClose={() => setAsked(null)} />}
      {asked === 'remove' && <RemoveInstanceDialog instance={instance} onClose={() => setAsked(null)} />}
    </>
  );
}

/** Who it is and how it stands. */
export function InstanceFacts({ instance }: { instance: ProductInstance }) {
  return (
    <Facts
      facts={[
        ['State', <InstancePill key="state" instance={instance} />],
        ['Virtual account', formatPath(instance.virtualAccountPath)],
        ['Product id', <TagText key="pid">{instance.productId}</TagText>],
        ['Serial number', <TagText key="serial">{instance.serialNumber}</TagText>],
        instance.hostName === null ? null : ['Host name', instance.hostName],
        instance.uuid === null ? null : ['UUID', <TagText key="uuid">{instance.uuid}</TagText>],
        instance.versionId === null ? null : ['Version', instance.versionId],
        instance.softwareTag === null
          ? null
          : ['Software', <TagText key="software">{instance.softwareTag}</TagText>],
        instance.softwareVersion === null ? null : ['Software version', instance.softwareVersion],
        ['Export-controlled', instance.exportControlledAllowed ? 'allowed' : 'not allowed'],
      ]}
    />
  );
}

/** When it spoke last, when it must speak again, and until when its certificate holds. */
export function InstanceContact({ instance }: { instance: ProductInstance }) {
  return (
    <Facts
      facts={[
        ['Registered', <DayAndMoment key="registered" at={instance.registeredAt} />],
        ['Last contact', <DayAndMoment key="last" at={instance.lastContactAt} />],
        ['Next contact expected', <DayAndMoment key="next" at={instance.nextContactBy} absent="none" />],
        ['Authorization ends', <DayAndMoment key="deadline" at={instance.deadlineAt} absent="not set" />],
        [
          'Certificate ends',
          <DayAndMoment key="certificate" at={instance.certificateExpiresAt} absent="not set" />,
        ],
      ]}
    />
  );
}

function DayAndMoment({ at, absent = 'never' }: { at: string | null; absent?: string }) {
  if (at === null) return absent;
  return (
    <>
      {formatShortDay(at)}, <Moment at={at} />
    </>
  );
}

/** What it uses, each license with its state. */
export function InstanceLicenses({ instance }: { instance: ProductInstance }) {
  const { accountId } = useAccount();
  if (instance.usage.length === 0) {
    return <p className={styles.none}>It uses no license now.</p>;
  }
  return (
    <ul className={styles.list} aria-label="Licenses in use">
      {instance.usage.map((use) => (
        <li key={use.tag} className={styles.use}>
          <span className={styles.count}>{formatNumber(use.count)}</span>
          <TwoLines
            name={
              use.licenseName === null ? (
                'Not in the catalog'
              ) : (
                <PlaceLink to={paths.license(accountId, use.tag)}>{use.licenseName}</PlaceLink>
              )
            }
            below={<TagText>{use.tag}</TagText>}
          />
          <StatePill tone={licenseStates[use.state].tone}>{licenseStates[use.state].label}</StatePill>
        </li>
      ))}
    </ul>
  );
}

/** How its use changed, newest first. */
export function InstanceUsageChanges({ changes }: { changes: Detail['usageChanges'] }) {
  if (changes.length === 0) return <p className={styles.none}>Its use has not changed yet.</p>;
  return (
    <ol className={styles.list} aria-label="Changes of use">
      {changes.map((change) => (
        <li key={`${change.at} ${change.tag} ${change.to}`} className={styles.change}>
          <span>
            {change.licenseName ?? <TagText>{change.tag}</TagText>}{' '}
            <b>
              {formatNumber(change.from)} → {formatNumber(change.to)}
            </b>
          </span>
          <small title={formatInstant(change.at)}>
            <Moment at={change.at} /> · {change.reason.replaceAll('-', ' ')}
          </small>
        </li>
      ))}
    </ol>
  );
}

/** What was done to it, newest first. */
export function InstanceEvents({
  instance,
  events,
}: {
  instance: ProductInstance;
  events: Detail['events'];
}) {
  const { accountId } = useAccount();
  if (events.length === 0) return <p className={styles.none}>Nothing is on record.</p>;
  return (
    <ol className={styles.list} aria-label="Events">
      {events.map((event) => (
        <li key={event.eventId} className={styles.change}>
          <PlaceLink
            to={paths.events(accountId, { objectId: instance.instanceId, open: event.eventId })}
            className={styles.event}
          >
            {eventSentence(event.message)}
          </PlaceLink>
          <small>
            <Moment at={event.at} /> · {event.actor.name}
          </small>
        </li>
      ))}
    </ol>
  );
}

/** All of it one below the other, for the panel beside the list. */
export function InstancePanel({ detail }: { detail: Detail }) {
  const { productInstance: instance } = detail;
  return (
    <>
      <div className={styles.actions}>
        <InstanceActions instance={instance} />
      </div>
      <InstanceFacts instance={instance} />
      <PanelSection title="Licenses in use">
        <InstanceLicenses instance={instance} />
      </PanelSection>
      <PanelSection title="Contact">
        <InstanceContact instance={instance} />
      </PanelSection>
      <PanelSection title="Changes of use">
        <InstanceUsageChanges changes={detail.usageChanges.slice(0, 8)} />
      </PanelSection>
      <PanelSection title="Events">
        <InstanceEvents instance={instance} events={detail.events.slice(0, 8)} />
      </PanelSection>
    </>
  );
}
