import { getSetup, setUp } from '@estover/protocol';
import { PasswordInput, TextInput } from '@mantine/core';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAction, useOperation } from '../../api.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { paths } from '../../paths.ts';
import { signIn } from '../../session.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';

/** Makes the first operator, from the link that the first start of the server prints. */
export default function SetUpPage() {
  // The secret is behind the #, which browsers send to no server.
  const token = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const { data: setup } = useOperation(getSetup, {});
  const make = useAction(setUp);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  if (setup?.needed === false) {
    return (
      <FrontDoor title="Set up already" sentence="This installation has its first operator.">
        <PlaceLink to={paths.signIn()}>Sign in</PlaceLink>
      </FrontDoor>
    );
  }
  if (token === '') {
    return (
      <FrontDoor
        title="Open the set-up link"
        sentence="The first start of the server prints a link with a secret behind its # sign. Open that one; it works once."
      />
    );
  }
  const submit = () =>
    make.mutate(
      { body: { token, name, email, password } },
      {
        onSuccess: async () => {
          // Signing in may fail where the clock or a proxy is in the way: the operator exists all the same.
          await signIn(email.trim(), password).then(
            () => navigate({ to: paths.home().to }),
            () => navigate({ to: paths.signIn().to }),
          );
        },
      },
    );
  return (
    <FrontDoor
      title="Set up Estover"
      sentence="You become the first operator: you make accounts, keep the catalog and book orders."
    >
      <FrontDoorForm act="Become operator" onAct={submit} acting={make.isPending} error={make.error}>
        <TextInput
          label="Your name"
          autoComplete="name"
          required
          withAsterisk={false}
          maxLength={120}
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Mail address"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
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
      </FrontDoorForm>
    </FrontDoor>
  );
}
