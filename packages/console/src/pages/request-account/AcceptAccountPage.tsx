import { acceptAccount } from '@estover/protocol';
import { PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api.ts';
import { paths } from '../../paths.ts';
import { fieldProblem } from '../../problems.ts';
import { signIn } from '../../session.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';
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

function Acceptance({ request, token }: { request: LinkedRequest; token: string }) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { agreements, choosesPassword, companyName } = request;
  // Not `useAction`: it would read the request again, whose link is used up once this is done.
  const accept = useMutation({
    mutationFn: () =>
      client.call(acceptAccount, {
        body: {
          token,
          agreements: agreements.map(({ agreement, version }) => ({ agreement, version })),
          ...(choosesPassword ? { person: { name: name.trim(), password } } : {}),
        },
      }),
    onSuccess: async ({ email, account }) => {
      const { to, params } = paths.overview(account.accountId);
      const signedIn = choosesPassword && (await signIn(email, password).then(...yesOrNo));
      cache.clear();
      await (signedIn
        ? navigate({ to, params: params ?? {} })
        : navigate({ to: paths.signIn().to, search: { email } }));
    },
  });
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
        act={`Accept for ${companyName}`}
        onAct={() => accept.mutate()}
        acting={accept.isPending}
        error={accept.error}
        marked={['/person/name']}
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
      </FrontDoorForm>
    </FrontDoor>
  );
}

const yesOrNo = [() => true, () => false] as const;
