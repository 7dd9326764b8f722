import { offersFirstSteps } from '@estover/domain/accounts';
import { type AnswerOf, acceptAccount } from '@estover/protocol';
import { PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api.ts';
import { RequestAccessLink } from '../../parts/RequestAccessLink.tsx';
import { SecretOnce } from '../../parts/SecretOnce.tsx';
import { type Place, paths } from '../../paths.ts';
import { fieldProblem, isProblem } from '../../problems.ts';
import { signIn } from '../../session.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';
import { FirstSteps, type FirstStepsDraft, firstStepsOf } from './FirstSteps.tsx';
import { type LinkedRequest, OpenedRequest, RequestFacts } from './OpenedRequest.tsx';
import styles from './request-account.module.css';

/** The approver reads what they accept, chooses a password if they have none, and the account is active. */
export default function AcceptAccountPage() {
  return (
    <OpenedRequest linkOf="approver">
      {(request, token) => <Acceptance request={request} token={token} />}
    </OpenedRequest>
  );
}

/** What was made with the account, and where to go once it has been seen. */
interface Accepted {
  answer: AnswerOf<typeof acceptAccount>;
  next: Place;
}

function Acceptance({ request, token }: { request: LinkedRequest; token: string }) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [steps, setSteps] = useState<FirstStepsDraft>({ step: 'token', partnerName: '', partnerEmail: '' });
  const [accepted, setAccepted] = useState<Accepted | null>(null);
  const { agreements, choosesPassword, companyName } = request;
  const offers = offersFirstSteps(request.kind);
  const go = ({ to, params, search }: Place) =>
    navigate({ to, params: params ?? {}, ...(search === undefined ? {} : { search }) });
  // Not `useAction`: it would read the request again, whose link is used up once this is done.
  const accept = useMutation({
    mutationFn: () =>
      client.call(acceptAccount, {
        body: {
          token,
          agreements: agreements.map(({ agreement, version }) => ({ agreement, version })),
          ...(choosesPassword ? { person: { name: name.trim(), password } } : {}),
          ...(offers ? firstStepsOf(steps) : {}),
        },
      }),
    onSuccess: async (answer) => {
      const { email, account, firstToken, partnerLink } = answer;
      const signedIn = choosesPassword && (await signIn(email, password).then(...yesOrNo));
      const next = signedIn ? paths.overview(account.accountId) : { ...paths.signIn(), search: { email } };
      if (firstToken !== null || partnerLink !== null) return setAccepted({ answer, next });
      cache.clear();
      await go(next);
    },
  });
  if (accepted !== null) {
    const leave = () => {
      cache.clear();
      void go(accepted.next);
    };
    return <ShownOnce answer={accepted.answer} onClose={leave} />;
  }
  const invites = offers && steps.step === 'partner';
  return (
    <FrontDoor
      title={`Accept the account of ${companyName}`}
      sentence="It is active as soon as you accept, and you administer it."
    >
      <RequestFacts request={request} />
      {agreements.map(({ agreement, title, version, text, language }) => (
        <section key={agreement} className={styles.agreement} aria-label={title}>
          <h2>
            {title}, version {version}
          </h2>
          <p className={styles.agreementText} lang={language ?? undefined}>
            {text}
          </p>
        </section>
      ))}
      <FrontDoorForm
        act={invites ? 'Send the invitation and accept' : `Accept for ${companyName}`}
        onAct={() => accept.mutate()}
        acting={accept.isPending}
        error={accept.error}
        marked={['/person/name', '/partner/name', '/partner/email']}
      >
        {choosesPassword && (
          <>
            <TextInput
              label="Your name"
              autoComplete="name"
              required
              withAsterisk={false}
              maxLength={120}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={fieldProblem(accept.error, '/person/name')}
            />
            <PasswordInput
              label="Password"
              description="At least 12 characters, and not a common one."
              autoComplete="new-password"
              required
              withAsterisk={false}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          </>
        )}
        {offers && <FirstSteps draft={steps} set={setSteps} error={accept.error} />}
      </FrontDoorForm>
      {isProblem(accept.error, 'domain-identifier-taken') && (
        <RequestAccessLink identifier={request.domainIdentifier} />
      )}
    </FrontDoor>
  );
}

/** The account is active, and what came with it is shown once. */
function ShownOnce({ answer, onClose }: { answer: Accepted['answer']; onClose: () => void }) {
  const { account, firstToken, partnerLink } = answer;
  return (
    <FrontDoor title={`${account.name} is active`} sentence="You administer it from now on.">
      {firstToken !== null ? (
        <SecretOnce
          title="Your first token"
          what="registration token"
          secret={firstToken.secret}
          onClose={onClose}
        >
          <p>Run this where the product is; one product instance registers with it within 30 days:</p>
          <code className={styles.command}>
            estover-agent register --server {window.location.origin} --token {firstToken.secret} --pid
            &lt;product id&gt; --serial &lt;serial number&gt;
          </code>
        </SecretOnce>
      ) : partnerLink !== null ? (
        <SecretOnce
          title="The partner’s invitation"
          what="invitation link"
          secret={partnerLink}
          onClose={onClose}
        >
          <p>This installation sends no mail. Send it to the partner by a way you trust.</p>
        </SecretOnce>
      ) : null}
    </FrontDoor>
  );
}

const yesOrNo = [() => true, () => false] as const;
