import { changeSingleSignOn, checkMailDomain, startSingleSignOnTest } from '@estover/protocol';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { Card } from '../../parts/Card.tsx';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { CopyButton } from '../../parts/CopyButton.tsx';
import { Moment, StatePill, TagText } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts } from '../../parts/SplitPanel.tsx';
import { RemoveDomainDialog } from './DomainDialogs.tsx';
import { type Administrator, type MailDomain, rulesInWords, stateOf } from './domain-words.ts';
import { ProviderDialog } from './ProviderDialog.tsx';
import { RulesDialog } from './RulesDialog.tsx';
import styles from './single-sign-on.module.css';

type Open = 'provider' | 'rules' | 'switch' | 'remove' | null;

/** One mail domain: its proof, its provider, its rules, each with what is next. */
export function DomainCard({
  mailDomain,
  administrators,
}: {
  mailDomain: MailDomain;
  administrators: readonly Administrator[];
}) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const { domain, provedAt, singleSignOn } = mailDomain;
  const { label, tone } = stateOf(mailDomain);
  return (
    <Card title={domain} padded side={<StatePill tone={tone}>{label}</StatePill>}>
      <div className={styles.stack}>
        {provedAt === null ? (
          <Proof mailDomain={mailDomain} onRemove={() => setOpen('remove')} />
        ) : (
          <>
            {singleSignOn !== null && <Provider mailDomain={mailDomain} />}
            <ToCopy mailDomain={mailDomain} />
            <Acts mailDomain={mailDomain} onOpen={setOpen} />
          </>
        )}
      </div>
      {open === 'provider' && <ProviderDialog mailDomain={mailDomain} onClose={close} />}
      {open === 'rules' && (
        <RulesDialog mailDomain={mailDomain} administrators={administrators} onClose={close} />
      )}
      {open === 'switch' && <SwitchDialog mailDomain={mailDomain} onClose={close} />}
      {open === 'remove' && <RemoveDomainDialog mailDomain={mailDomain} onClose={close} />}
    </Card>
  );
}

function Proof({ mailDomain, onRemove }: { mailDomain: MailDomain; onRemove: () => void }) {
  const { accountId } = useAccount();
  const { domain, mailDomainId, record } = mailDomain;
  const check = useAction(checkMailDomain);
  return (
    <>
      <p>
        Prove that {domain} is yours: put this TXT record into its name servers. It may take some minutes
        until everybody sees it. Then have it checked.
      </p>
      <Copied
        facts={[
          ['Name of the TXT record', record.name, 'Copy the name'],
          ['Its text', record.text, 'Copy the text'],
        ]}
      />
      <ProblemNotice error={check.error} />
      <div className={styles.buttons}>
        <Button
          variant="filled"
          aria-label={`Check now: ${domain}`}
          loading={check.isPending}
          onClick={() =>
            check.mutate(
              { params: { accountId, mailDomainId } },
              { onSuccess: () => notifyDone(`${domain} is proved to be yours.`) },
            )
          }
        >
          Check now
        </Button>
        <Button color="bad" onClick={onRemove}>
          Remove…
        </Button>
      </div>
    </>
  );
}

function Provider({ mailDomain }: { mailDomain: MailDomain }) {
  const { singleSignOn } = mailDomain;
  if (singleSignOn === null) return null;
  const { connection, testedAt, changedAt, changedBy } = singleSignOn;
  return (
    <>
      <Facts
        facts={
          connection.protocol === 'oidc'
            ? [
                ['Kind', 'OpenID Connect'],
                ['Issuer', <TagText key="issuer">{connection.issuer}</TagText>],
                ['Client id', <TagText key="client">{connection.clientId}</TagText>],
                ['Tested', <Moment key="tested" at={testedAt} />],
                ['Changed', <Changed key="changed" at={changedAt} by={changedBy} />],
              ]
            : [
                ['Kind', 'SAML'],
                ['Entity id', <TagText key="entity">{connection.entityId}</TagText>],
                ['Sign-in address', <TagText key="address">{connection.signInUrl}</TagText>],
                ['Tested', <Moment key="tested" at={testedAt} />],
                ['Changed', <Changed key="changed" at={changedAt} by={changedBy} />],
              ]
        }
      />
      {rulesInWords(mailDomain).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </>
  );
}

const Changed = ({ at, by }: { at: string; by: string }) => (
  <>
    <Moment at={at} /> by {by}
  </>
);

function ToCopy({ mailDomain: { redirectUri, saml, singleSignOn } }: { mailDomain: MailDomain }) {
  const protocol = singleSignOn?.connection.protocol;
  return (
    <Copied
      facts={[
        ...(protocol === 'saml'
          ? []
          : ([['Redirect URI for OpenID Connect', redirectUri, 'Copy the redirect URI']] as const)),
        ...(saml === null || protocol === 'oidc'
          ? []
          : ([
              ['Entity id for SAML', saml.entityId, 'Copy the entity id'],
              ['Address for SAML responses', saml.assertionConsumerUrl, 'Copy the address'],
              ['Metadata for SAML', saml.metadataUrl, 'Copy the address of the metadata'],
            ] as const)),
      ]}
    />
  );
}

/** Texts for somebody else's form, each with a sign that copies it. */
function Copied({ facts }: { facts: readonly (readonly [name: string, text: string, label: string])[] }) {
  return (
    <dl className={styles.copied}>
      {facts.map(([name, text, label]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <code className={styles.text}>{text}</code>
            <CopyButton value={text} label={label} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Acts({ mailDomain, onOpen }: { mailDomain: MailDomain; onOpen: (open: Open) => void }) {
  const { accountId } = useAccount();
  const { mailDomainId, singleSignOn } = mailDomain;
  const test = useAction(startSingleSignOnTest);
  const unset = singleSignOn === null ? 'Set the provider first.' : null;
  return (
    <>
      <ProblemNotice error={test.error} />
      <div className={styles.buttons}>
        <Button variant={singleSignOn === null ? 'filled' : 'default'} onClick={() => onOpen('provider')}>
          {singleSignOn === null ? 'Set the provider…' : 'Change the provider…'}
        </Button>
        <ReasonedButton
          variant={singleSignOn !== null && singleSignOn.testedAt === null ? 'filled' : 'default'}
          reason={unset}
          loading={test.isPending}
          onClick={() =>
            test.mutate(
              { params: { accountId, mailDomainId } },
              { onSuccess: ({ url }) => window.location.assign(url) },
            )
          }
        >
          Test it
        </ReasonedButton>
        <ReasonedButton
          reason={
            unset ??
            (singleSignOn?.isOn === false && singleSignOn.testedAt === null
              ? 'Test it first: it is switched on once the test went well.'
              : null)
          }
          onClick={() => onOpen('switch')}
        >
          {singleSignOn?.isOn === true ? 'Switch off…' : 'Switch on…'}
        </ReasonedButton>
        <ReasonedButton reason={unset} onClick={() => onOpen('rules')}>
          Rules…
        </ReasonedButton>
        <Button color="bad" onClick={() => onOpen('remove')}>
          Remove…
        </Button>
      </div>
    </>
  );
}

function SwitchDialog({ mailDomain, onClose }: { mailDomain: MailDomain; onClose: () => void }) {
  const { accountId } = useAccount();
  const change = useAction(changeSingleSignOn);
  const { domain, mailDomainId, singleSignOn } = mailDomain;
  const isOn = singleSignOn?.isOn !== true;
  const input = { params: { accountId, mailDomainId }, body: { isOn } };
  return (
    <ConfirmDialog
      title={isOn ? `Switch single sign-on of ${domain} on` : `Switch single sign-on of ${domain} off`}
      act={isOn ? 'Switch on' : 'Switch off'}
      destructive={!isOn}
      acting={change.isPending}
      error={change.error}
      onClose={onClose}
      onAct={() =>
        change.mutate(input, {
          onSuccess: () => {
            notifyDone(`Single sign-on of ${domain} is ${isOn ? 'on' : 'off'}.`);
            onClose();
          },
        })
      }
      call={{ operation: changeSingleSignOn, input }}
    >
      <p>
        {isOn
          ? `Whoever types an address of ${domain} on the page for signing in is sent to your company, whether Estover knows them or not.`
          : `People of ${domain} sign in with a password or a passkey again. Who has none asks for a link with “Forgot your password?”.`}
      </p>
    </ConfirmDialog>
  );
}
