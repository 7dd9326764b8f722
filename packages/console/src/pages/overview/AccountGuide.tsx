import { getAccount } from '@estover/protocol';
import { useAccount } from '../../account.tsx';
import { useOperation } from '../../api.ts';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { Guide, type GuideStep } from '../../parts/Guide.tsx';
import { paths } from '../../paths.ts';
import type { Overview } from './overview-words.ts';

/** From a new account to its first product instance. Gone once there is one. */
export function AccountGuide({ overview }: { overview: Overview }) {
  const { accountId, reasonAgainst } = useAccount();
  const account = useOperation(getAccount, { params: { accountId } }).data?.account;
  const { counts, licenses } = overview;
  if (account === undefined || counts.productInstances > 0) return null;
  const hasOrder = counts.orders > 0 || licenses.length > 0;
  const tokenReason = reasonAgainst('manage-tokens');
  const steps: GuideStep[] = [
    {
      title: 'An account',
      isDone: account.status === 'active',
      text: 'The publisher has to make the account active before licenses are delivered.',
      link: { to: paths.settings(accountId), label: 'Settings' },
    },
    {
      title: 'A virtual account for each team, site or product',
      isDone: counts.virtualAccounts > 1,
      isOptional: true,
      text:
        reasonAgainst('create-nested-virtual-account') ??
        'The default one is enough to begin. More of them keep what teams own and use apart.',
      link: { to: paths.virtualAccounts(accountId), label: 'Virtual accounts' },
    },
    {
      title: 'An order with licenses',
      isDone: hasOrder,
      text: `Nobody orders here: order from the publisher or a partner, and name ${account.domainIdentifier} as the account. The licenses arrive by themselves.`,
      link: { to: paths.orders(accountId), label: 'Orders' },
    },
    // Nothing can be used in an account that only holds orders.
    ...(account.kind === 'holding'
      ? []
      : [
          {
            title: 'A registration token',
            isDone: counts.tokens > 0,
            text:
              tokenReason ??
              'It lets a product instance register into a virtual account; its secret is shown once.',
            link: tokenReason === null ? { to: paths.tokens(accountId), label: 'Tokens' } : null,
          },
          {
            title: 'The first product instance',
            isDone: false,
            text: <AgentCommands tag={licenses[0]?.tag} />,
            link: { to: paths.productInstances(accountId), label: 'Product instances' },
          },
        ]),
  ];
  if (steps.every(({ isDone, isOptional }) => isDone || isOptional)) return null;
  return <Guide title="First steps" steps={steps} accountId={accountId} />;
}

/** What to type where the product runs. */
function AgentCommands({ tag }: { tag: string | undefined }) {
  const commands = [
    `estover-agent register --server ${window.location.origin} --token TOKEN --pid PRODUCT-ID --serial SERIAL-NUMBER`,
    `estover-agent request ${tag ?? 'TAG'} 1`,
    'estover-agent show license summary',
  ];
  return (
    <>
      Where the product runs, register it with the token, say what it uses, and look at what it was told:
      <ul>
        {commands.map((command) => (
          <li key={command}>
            <code>{command}</code>
            <CopyButton value={command} label={`Copy ${command.split(' ').slice(0, 2).join(' ')}`} />
          </li>
        ))}
      </ul>
    </>
  );
}
