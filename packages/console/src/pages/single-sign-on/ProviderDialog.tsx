import { type BodyOf, setSingleSignOn } from '@estover/protocol';
import { PasswordInput, Radio, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction } from '../../api.ts';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { fieldProblem } from '../../problems.ts';
import type { MailDomain } from './domain-words.ts';

type Body = BodyOf<typeof setSingleSignOn>;

/** Where people of the domain sign in. The secret is never shown again, and asked for anew when it would go elsewhere. */
export function ProviderDialog({
  mailDomain: { mailDomainId, domain, saml, singleSignOn },
  onClose,
}: {
  mailDomain: MailDomain;
  onClose: () => void;
}) {
  const { accountId } = useAccount();
  const set = useAction(setSingleSignOn);
  const before = singleSignOn?.connection;
  const oidc = before?.protocol === 'oidc' ? before : null;
  const old = before?.protocol === 'saml' ? before : null;
  const [protocol, setProtocol] = useState<Body['protocol']>(before?.protocol ?? 'oidc');
  const [issuer, setIssuer] = useState(oidc?.issuer ?? '');
  const [clientId, setClientId] = useState(oidc?.clientId ?? '');
  const [clientSecret, setClientSecret] = useState('');
  const [entityId, setEntityId] = useState(old?.entityId ?? '');
  const [signInUrl, setSignInUrl] = useState(old?.signInUrl ?? '');
  const [certificate, setCertificate] = useState(old?.certificate ?? '');
  const keepsSecret = oidc !== null && oidc.issuer === issuer.trim() && oidc.clientId === clientId.trim();
  const body: Body =
    protocol === 'oidc'
      ? {
          protocol,
          issuer: issuer.trim(),
          clientId: clientId.trim(),
          ...(clientSecret !== '' && { clientSecret }),
        }
      : { protocol, entityId: entityId.trim(), signInUrl: signInUrl.trim(), certificate };
  const needed =
    protocol === 'oidc'
      ? [issuer, clientId, keepsSecret ? 'kept' : clientSecret]
      : [entityId, signInUrl, certificate];
  return (
    <FormDialog
      title={`Provider of ${domain}`}
      act="Save the provider"
      onAct={() =>
        set.mutate(
          { params: { accountId, mailDomainId }, body },
          {
            onSuccess: () => {
              notifyDone(`Saved the provider of ${domain}. Test it next.`);
              onClose();
            },
          },
        )
      }
      onClose={onClose}
      acting={set.isPending}
      error={set.error}
      marked={['/issuer', '/clientId', '/entityId', '/signInUrl']}
      blocked={needed.some((text) => text.trim() === '') ? 'Every field is needed.' : null}
    >
      {saml !== null && (
        <Radio.Group
          label="Kind"
          value={protocol}
          onChange={(value) => setProtocol(value === 'saml' ? 'saml' : 'oidc')}
        >
          <Radio value="oidc" label="OpenID Connect" description="Prefer it where your provider has both." />
          <Radio value="saml" label="SAML" />
        </Radio.Group>
      )}
      {protocol === 'oidc' ? (
        <>
          <TextInput
            label="Issuer"
            description="As your provider names itself, like https://login.example.com/tenant."
            maxLength={500}
            value={issuer}
            onChange={(event) => setIssuer(event.currentTarget.value)}
            error={fieldProblem(set.error, '/issuer')}
            data-autofocus
          />
          <TextInput
            label="Client id"
            maxLength={200}
            autoComplete="off"
            value={clientId}
            onChange={(event) => setClientId(event.currentTarget.value)}
            error={fieldProblem(set.error, '/clientId')}
          />
          <PasswordInput
            label="Client secret"
            description={
              keepsSecret
                ? 'Empty keeps the one that is stored.'
                : 'It is kept encrypted and never shown again.'
            }
            autoComplete="new-password"
            maxLength={500}
            value={clientSecret}
            onChange={(event) => setClientSecret(event.currentTarget.value)}
          />
        </>
      ) : (
        <>
          <TextInput
            label="Entity id of the provider"
            maxLength={500}
            value={entityId}
            onChange={(event) => setEntityId(event.currentTarget.value)}
            error={fieldProblem(set.error, '/entityId')}
          />
          <TextInput
            label="Sign-in address"
            description="Where people are sent, by the redirect binding."
            maxLength={500}
            value={signInUrl}
            onChange={(event) => setSignInUrl(event.currentTarget.value)}
            error={fieldProblem(set.error, '/signInUrl')}
          />
          <Textarea
            label="Certificate"
            description="PEM of the certificate with which the provider signs."
            rows={5}
            maxLength={20_000}
            value={certificate}
            onChange={(event) => setCertificate(event.currentTarget.value)}
          />
        </>
      )}
      {singleSignOn?.isOn === true && (
        <p>Single sign-on of {domain} is off from then on, until the test goes well and you switch it on.</p>
      )}
    </FormDialog>
  );
}
