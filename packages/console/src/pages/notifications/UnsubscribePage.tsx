import { subscribedKind } from '@estover/domain/notifications';
import { unsubscribe } from '@estover/protocol';
import { useMutation } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { client } from '../../api.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';

/** What a digest's link opens: it asks, because programs follow links that nobody clicked. */
export default function UnsubscribePage() {
  const { token = '' } = useParams({ strict: false });
  const end = useMutation({ mutationFn: () => client.call(unsubscribe, { body: { token } }) });
  if (end.data !== undefined) {
    const { accountName, kinds } = end.data;
    return (
      <FrontDoor
        title="These mails are switched off"
        sentence={`Nothing comes any more about ${accountName ?? 'the platform'} of: ${kinds.map((kind) => subscribedKind(kind).name).join(', ')}. Signed in, you can switch it on again in your notifications.`}
      />
    );
  }
  return (
    <FrontDoor
      title="Switch off these mails?"
      sentence="What the mail told of is not told to its reader by mail any more. Nothing else changes."
    >
      <FrontDoorForm
        act="Switch them off"
        onAct={() => end.mutate()}
        acting={end.isPending}
        error={end.error}
      >
        {null}
      </FrontDoorForm>
    </FrontDoor>
  );
}
