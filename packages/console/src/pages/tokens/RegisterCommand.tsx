import { type AnswerOf, type createToken, listProductInstances } from '@estover/protocol';
import { useQuery } from '@tanstack/react-query';
import { useAccount } from '../../account.tsx';
import { operationQuery } from '../../api.ts';
import { formatPath } from '../../format.ts';
import { CopyButton } from '../../parts/CopyButton.tsx';
import dialogs from '../../parts/dialogs.module.css';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { paths } from '../../paths.ts';

const pollMilliseconds = 4000;

/** What to run on the device with a new token, and the first instance that registers, as soon as it does. */
export function RegisterCommand({ made }: { made: AnswerOf<typeof createToken> }) {
  const { accountId } = useAccount();
  const { token, secret } = made;
  const command = `estover-agent register --server ${window.location.origin} --token ${secret} --pid <product id> --serial <serial number>`;
  const newest = useQuery({
    ...operationQuery(listProductInstances, {
      params: { accountId },
      query: { virtualAccountId: token.virtualAccountId, nested: false, sort: '-registered', limit: 1 },
    }),
    refetchInterval: pollMilliseconds,
  });
  const instance = newest.data?.items.find(
    ({ registeredAt }) => Date.parse(registeredAt) >= Date.parse(token.createdAt),
  );
  return (
    <>
      <p>
        Run this where the product is. With its own <code>--pid</code> and <code>--serial</code> it registers
        into {formatPath(token.virtualAccountPath)}.
      </p>
      <div className={dialogs.secret}>
        <code>{command}</code>
        <CopyButton value={command} label="Copy the command" />
      </div>
      <p role="status">
        {instance === undefined ? (
          'Nothing has registered with it yet. This page looks every few seconds.'
        ) : (
          <>
            <b>{instance.displayName}</b> is registered.{' '}
            <PlaceLink to={paths.productInstance(accountId, instance.instanceId)}>Look at it</PlaceLink>
          </>
        )}
      </p>
    </>
  );
}
