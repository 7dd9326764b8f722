import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ProblemNotice } from '../../parts/ProblemNotice.tsx';
import { paths } from '../../paths.ts';
import {
  beginSignIn,
  reasonAgainstPasskeys,
  signIn,
  signInWithCode,
  signInWithPasskey,
} from '../../session.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';
import { outcomeInWords } from '../single-sign-on/outcome-words.ts';

const route = getRouteApi('/sign-in');

/** Leads to the page the person came for, once they are signed in. */
function useEnter(): () => void {
  const { next } = route.useSearch();
  const router = useRouter();
  const cache = useQueryClient();
  return () => {
    cache.clear();
    // Only a path of this site: an address from outside could send a person to a copy of it.
    const inside = next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\');
    router.history.push(inside && next !== undefined ? next : '/');
  };
}

export default function SignInPage() {
  const { email: given } = route.useSearch();
  const [email, setEmail] = useState(given ?? '');
  const [step, setStep] = useState<'mail' | 'password'>('mail');
  const [challenge, setChallenge] = useState<string | null>(null);
  if (challenge !== null) return <CodeStep challenge={challenge} onBack={() => setChallenge(null)} />;
  if (step === 'mail') {
    return <MailStep email={email} onEmail={setEmail} onPassword={() => setStep('password')} />;
  }
  return <PasswordStep email={email} onCodeNeeded={setChallenge} onBack={() => setStep('mail')} />;
}

/** The mail address first: it says whether somebody signs in here or at their company. */
function MailStep({
  email,
  onEmail,
  onPassword,
}: {
  email: string;
  onEmail: (email: string) => void;
  onPassword: () => void;
}) {
  const { next, problem } = route.useSearch();
  const enter = useEnter();
  const begin = useMutation({
    mutationFn: () => beginSignIn(email.trim(), next),
    onSuccess: (url) => (url === null ? onPassword() : window.location.assign(url)),
  });
  const withPasskey = useMutation({ mutationFn: signInWithPasskey, onSuccess: enter });
  const said = problem === undefined ? null : outcomeInWords(problem);
  return (
    <FrontDoor title="Sign in" sentence="With the mail address you were invited with.">
      {said !== null && begin.isIdle && <p role="status">{said}</p>}
      <FrontDoorForm
        act="Go on"
        onAct={() => {
          withPasskey.reset();
          begin.mutate();
        }}
        acting={begin.isPending}
        error={begin.error}
      >
        <TextInput
          label="Mail address"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
          value={email}
          onChange={(event) => onEmail(event.currentTarget.value)}
        />
      </FrontDoorForm>
      {reasonAgainstPasskeys(undefined) === null && (
        <Button
          size="md"
          loading={withPasskey.isPending}
          onClick={() => {
            begin.reset();
            withPasskey.mutate();
          }}
        >
          Use a passkey
        </Button>
      )}
      <ProblemNotice error={withPasskey.error} />
      {/* For those who get in when their company's sign-in does not work. */}
      <Button size="md" onClick={onPassword}>
        Use a password
      </Button>
      <PlaceLink to={paths.requestAccount()}>Ask for an account</PlaceLink>
    </FrontDoor>
  );
}

function PasswordStep({
  email: given,
  onCodeNeeded,
  onBack,
}: {
  email: string;
  onCodeNeeded: (challenge: string) => void;
  onBack: () => void;
}) {
  const enter = useEnter();
  const [email, setEmail] = useState(given);
  const [password, setPassword] = useState('');
  const withPassword = useMutation({
    mutationFn: () => signIn(email.trim(), password),
    onSuccess: (challenge) => (challenge === null ? enter() : onCodeNeeded(challenge)),
  });
  return (
    <FrontDoor title="Sign in" sentence="With your password.">
      <FrontDoorForm
        act="Sign in"
        onAct={() => withPassword.mutate()}
        acting={withPassword.isPending}
        error={withPassword.error}
      >
        <TextInput
          label="Mail address"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus={given === ''}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus={given !== ''}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </FrontDoorForm>
      <PlaceLink to={paths.forgotPassword(email.trim() === '' ? undefined : email.trim())}>
        Forgot your password?
      </PlaceLink>
      <Button onClick={onBack}>Another way</Button>
    </FrontDoor>
  );
}

function CodeStep({ challenge, onBack }: { challenge: string; onBack: () => void }) {
  const enter = useEnter();
  const [code, setCode] = useState('');
  const withCode = useMutation({
    mutationFn: () => signInWithCode(challenge, code.trim()),
    onSuccess: enter,
  });
  return (
    <FrontDoor
      title="One more step"
      sentence="Type the code that your authenticator app shows now, or one of your recovery codes."
    >
      <FrontDoorForm
        act="Sign in"
        onAct={() => withCode.mutate()}
        acting={withCode.isPending}
        error={withCode.error}
      >
        <TextInput
          label="Code"
          autoComplete="one-time-code"
          maxLength={20}
          required
          withAsterisk={false}
          autoFocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      </FrontDoorForm>
      <Button onClick={onBack}>Begin again with the password</Button>
    </FrontDoor>
  );
}
