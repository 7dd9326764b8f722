import { maximumWebhooks } from '@estover/domain/webhooks';
import { listWebhooks } from '@estover/protocol';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { formatNumber } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { StatePill } from '../../parts/figures.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { SplitPanel } from '../../parts/SplitPanel.tsx';
import { TwoLines } from '../../parts/TwoLines.tsx';
import { paths } from '../../paths.ts';
import { CreateWebhookDialog } from './CreateWebhookDialog.tsx';
import { WebhookPanel } from './WebhookPanel.tsx';
import { eventsInWords, hostOf, sentenceOf, stateOf, type Webhook } from './webhook-words.ts';

const route = getRouteApi('/signed-in/accounts/$accountId/settings/webhooks');

const columns: Column<Webhook>[] = [
  {
    key: 'description',
    title: 'Webhook',
    cell: (webhook) => <TwoLines name={webhook.description} below={hostOf(webhook.url)} />,
  },
  {
    key: 'state',
    title: 'State',
    cell: (webhook) => <StatePill tone={stateOf(webhook).tone}>{stateOf(webhook).label}</StatePill>,
  },
  { key: 'events', title: 'Events', cell: ({ events }) => eventsInWords(events) },
  {
    key: 'delivered',
    title: 'Delivered',
    numeric: true,
    cell: ({ deliveries }) => formatNumber(deliveries.delivered),
  },
  {
    key: 'waiting',
    title: 'Waiting',
    numeric: true,
    cell: ({ deliveries }) => formatNumber(deliveries.waiting),
  },
  {
    key: 'failed',
    title: 'Failed',
    numeric: true,
    cell: ({ deliveries }) => formatNumber(deliveries.failed),
  },
];

/** What still fits beside the open panel. */
const narrowColumns = columns.filter(({ key }) => key === 'description' || key === 'state');

/** Where events are sent to as they happen, and what came of it. */
export default function WebhooksPage() {
  const account = useAccount();
  const { accountId } = account;
  const { open } = route.useSearch();
  const list = useOperation(listWebhooks, { params: { accountId } });
  const [creating, setCreating] = useState(false);
  const webhooks = list.data?.items ?? [];
  const opened = webhooks.find(({ webhookId }) => webhookId === open);
  const reason =
    account.reasonAgainst('manage-account-settings') ??
    (webhooks.length >= maximumWebhooks ? `An account has at most ${maximumWebhooks} webhooks.` : null);
  const createButton = (
    <ReasonedButton variant="filled" reason={reason} onClick={() => setCreating(true)}>
      New webhook…
    </ReasonedButton>
  );
  return (
    <>
      <PageHead
        title="Webhooks"
        back={{ to: paths.settings(accountId), label: 'Settings' }}
        sentence={list.data === undefined ? '' : sentenceOf(webhooks)}
        actions={createButton}
      />
      {creating && <CreateWebhookDialog onClose={() => setCreating(false)} />}
      <SplitPanel
        listName="Webhooks"
        closed={paths.webhooks(accountId)}
        panel={
          opened === undefined
            ? null
            : { title: opened.description, body: <WebhookPanel key={opened.webhookId} webhook={opened} /> }
        }
      >
        <Card>
          <DataTable
            label="Webhooks"
            keyboard
            columns={opened === undefined ? columns : narrowColumns}
            rows={webhooks}
            rowKey={(webhook) => webhook.webhookId}
            rowLink={(webhook) => paths.webhooks(accountId, { open: webhook.webhookId })}
            openKey={open ?? null}
            isPending={list.isPending}
            error={list.error}
            onRetry={() => void list.refetch()}
            empty={
              <EmptyState title="There is no webhook yet" action={createButton}>
                A webhook sends each event to an address of yours within seconds: to a system that watches
                over security, a ticket system, or a program of your own.
              </EmptyState>
            }
          />
        </Card>
      </SplitPanel>
    </>
  );
}
