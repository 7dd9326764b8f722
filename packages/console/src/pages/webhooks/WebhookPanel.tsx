import { listWebhookDeliveries, testWebhook } from '@estover/protocol';
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, usePages } from '../../api.ts';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { FilterChips, SelectChip } from '../../parts/FilterChips.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts, PanelSection } from '../../parts/SplitPanel.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { scopeInWords } from '../people/access-words.ts';
import { DeliveryDialog } from './DeliveryDialog.tsx';
import {
  DeleteWebhookDialog,
  EditWebhookDialog,
  ReplayFailedDialog,
  RotateWebhookDialog,
  SwitchWebhookDialog,
} from './WebhookDialogs.tsx';
import {
  comesSoon,
  deliveryStates,
  eventsInWords,
  outcomeOf,
  reasonOff,
  stateOf,
  type Webhook,
} from './webhook-words.ts';
import styles from './webhooks.module.css';

const route = getRouteApi('/signed-in/accounts/$accountId/settings/webhooks');

const stateOptions = (['waiting', 'delivered', 'failed'] as const).map((value) => ({
  value,
  label: deliveryStates[value].label,
}));

const dialogs = {
  edit: EditWebhookDialog,
  rotate: RotateWebhookDialog,
  switch: SwitchWebhookDialog,
  replay: ReplayFailedDialog,
  delete: DeleteWebhookDialog,
};

/** How often the list is read again while something is on its way. */
const readAgainMs = 2_000;

/** One webhook: what it sends, what came of it, and what can be done. */
export function WebhookPanel({ webhook }: { webhook: Webhook }) {
  const { accountId, reasonAgainst } = useAccount();
  const virtualAccounts = useVirtualAccounts();
  const { state, delivery } = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: { state?: typeof state; delivery?: string | undefined }) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true, resetScroll: false });
  const params = { accountId, webhookId: webhook.webhookId };
  const list = usePages(listWebhookDeliveries, { params, query: { state, limit: 20 } });
  const test = useAction(testWebhook);
  const [asking, setAsking] = useState<keyof typeof dialogs | null>(null);
  const Dialog = asking === null ? null : dialogs[asking];
  const reason = reasonAgainst('manage-account-settings');
  const isOn = webhook.state === 'on';

  const isUnderWay = isOn && list.items.some(comesSoon);
  const readAgain = useEffectEvent(() => list.retry());
  useEffect(() => {
    if (!isUnderWay) return;
    const timer = setInterval(readAgain, readAgainMs);
    return () => clearInterval(timer);
  }, [isUnderWay]);

  const pill = stateOf(webhook);
  return (
    <>
      <Facts
        facts={[
          [
            'State',
            <StatePill key="state" tone={pill.tone}>
              {pill.label}
            </StatePill>,
          ],
          [
            'Address',
            <span key="url" className={styles.url}>
              {webhook.url}
            </span>,
          ],
          ['Events', eventsInWords(webhook.events)],
          ['In', scopeInWords(webhook.scope, virtualAccounts)],
          webhook.publicKey === null
            ? ['Signed', 'by a secret that was shown once']
            : [
                'Public key',
                <span key="key" className={styles.key}>
                  <code>{webhook.publicKey}</code>
                  <CopyButton value={webhook.publicKey} label="Copy the public key" />
                </span>,
              ],
          webhook.previousUntil === null
            ? null
            : ['Old one signs until', <Moment key="previous" at={webhook.previousUntil} />],
          ['Answered for by', webhook.madeBy],
        ]}
      />
      <div className={styles.actions}>
        <ReasonedButton
          reason={reason ?? reasonOff(webhook)}
          loading={test.isPending}
          onClick={() => test.mutate({ params }, { onSuccess: () => notifyDone('A test is on its way.') })}
        >
          Send a test
        </ReasonedButton>
        <ReasonedButton reason={reason} onClick={() => setAsking('edit')}>
          Change…
        </ReasonedButton>
        <ReasonedButton reason={reason} onClick={() => setAsking('rotate')}>
          Rotate…
        </ReasonedButton>
        <ReasonedButton reason={reason} onClick={() => setAsking('switch')}>
          {isOn ? 'Switch off…' : 'Switch on…'}
        </ReasonedButton>
        <ReasonedButton color="bad" reason={reason} onClick={() => setAsking('delete')}>
          Delete…
        </ReasonedButton>
      </div>
      <ProblemNotice error={test.error} />
      {Dialog !== null && <Dialog webhook={webhook} onClose={() => setAsking(null)} />}
      <PanelSection title="Deliveries of the last 30 days">
        <FilterChips>
          <SelectChip
            label="Deliveries"
            any="all"
            value={state}
            options={stateOptions}
            onChange={(next) => set({ state: next })}
          />
          <ReasonedButton
            size="xs"
            reason={
              reason ?? reasonOff(webhook) ?? (webhook.deliveries.failed === 0 ? 'None has failed.' : null)
            }
            onClick={() => setAsking('replay')}
          >
            Send failed again…
          </ReasonedButton>
        </FilterChips>
        <ProblemNotice error={list.error} onRetry={list.retry} />
        {list.first !== undefined && list.items.length === 0 && (
          <p className={styles.none}>
            {state === undefined
              ? 'Nothing has been sent yet. Send a test to try it.'
              : 'There is none in this state.'}
          </p>
        )}
        <ul className={styles.deliveries} aria-label="Deliveries">
          {list.items.map((one) => (
            <li key={one.messageId}>
              <button
                type="button"
                className={styles.delivery}
                onClick={() => set({ delivery: one.messageId })}
              >
                <b>{one.type}</b>
                <StatePill tone={deliveryStates[one.state].tone}>{deliveryStates[one.state].label}</StatePill>
                <small>{outcomeOf(one)}</small>
                <small>
                  <Moment at={one.at} />
                </small>
              </button>
            </li>
          ))}
        </ul>
        {list.hasMore && (
          <div className={styles.more}>
            <Button size="xs" onClick={list.readMore} loading={list.isReadingMore}>
              Load more
            </Button>
          </div>
        )}
      </PanelSection>
      {delivery !== undefined && (
        <DeliveryDialog webhook={webhook} messageId={delivery} onClose={() => set({ delivery: undefined })} />
      )}
    </>
  );
}
