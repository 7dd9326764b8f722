import { getWebhookDelivery, replayWebhookDelivery } from '@estover/protocol';
import { Button, Modal } from '@mantine/core';
import { useAccount } from '../../account.tsx';
import { useAction, useOperation } from '../../api.ts';
import { formatInstant, formatNumber } from '../../format.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import dialogs from '../../parts/dialogs.module.css';
import { Moment, StatePill, TagText } from '../../parts/figures.tsx';
import { useFocusReturn } from '../../parts/focus-return.ts';
import { notifyDone } from '../../parts/notify.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts } from '../../parts/SplitPanel.tsx';
import { deliveryStates, reasonOff, type Webhook } from './webhook-words.ts';
import styles from './webhooks.module.css';

/** The body as people read it. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** One delivery: what is sent, what each try was answered, and sending it again. */
export function DeliveryDialog(props: { webhook: Webhook; messageId: string; onClose: () => void }) {
  const { webhook, messageId, onClose } = props;
  const { accountId, reasonAgainst } = useAccount();
  const input = { params: { accountId, webhookId: webhook.webhookId, messageId } };
  const { data, error, refetch } = useOperation(getWebhookDelivery, input);
  const replay = useAction(replayWebhookDelivery);
  useFocusReturn();
  return (
    <Modal opened onClose={onClose} title="Delivery" size="lg">
      <div className={dialogs.body}>
        <ProblemNotice error={error ?? replay.error} onRetry={() => void refetch()} />
        {data !== undefined && (
          <>
            <Facts
              facts={[
                [
                  'State',
                  <StatePill key="state" tone={deliveryStates[data.delivery.state].tone}>
                    {deliveryStates[data.delivery.state].label}
                  </StatePill>,
                ],
                ['Event', data.delivery.type],
                ['When', formatInstant(data.delivery.at)],
                [
                  'webhook-id',
                  <TagText key="id" full>
                    {messageId}
                  </TagText>,
                ],
                data.delivery.nextTryAt === null
                  ? null
                  : ['Next try', <Moment key="next" at={data.delivery.nextTryAt} />],
              ]}
            />
            <section aria-label="Request">
              <h3 className={styles.part}>Request</h3>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard. */}
              <pre className={styles.code} tabIndex={0}>
                {pretty(data.body)}
              </pre>
            </section>
            <section aria-label="Tries">
              <h3 className={styles.part}>Tries</h3>
              {data.tries.length === 0 && <p>It was not sent yet.</p>}
              <ul className={styles.tries}>
                {data.tries.map((made) => (
                  <li key={made.number} className={styles.try}>
                    <span>
                      <b>{made.status === null ? 'No answer' : `Answered ${made.status}`}</b>{' '}
                      <small>
                        try {made.number}, <Moment at={made.at} />, {formatNumber(made.milliseconds)} ms
                      </small>
                    </span>
                    {made.status === null && <small>{made.problem}</small>}
                    {made.answer !== '' && (
                      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard.
                      <pre className={styles.code} tabIndex={0}>
                        {made.answer}
                      </pre>
                    )}
                  </li>
                ))}
              </ul>
            </section>
            <div className={dialogs.actions}>
              <Button onClick={() => void refetch()}>Read again</Button>
              <ReasonedButton
                variant="filled"
                reason={reasonAgainst('manage-account-settings') ?? reasonOff(webhook)}
                loading={replay.isPending}
                onClick={() => replay.mutate(input, { onSuccess: () => notifyDone('It is sent again.') })}
              >
                Send again
              </ReasonedButton>
            </div>
          </>
        )}
        <ApiCall operation={replayWebhookDelivery} input={input} />
      </div>
    </Modal>
  );
}
