import { acceptInvitation } from '@estover/protocol';
import { PasswordInput, TextInput } from '@mantine/core';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { paths } from '../../paths.ts';
import { signIn } from '../../session.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';

/** An invited person chooses a name and a password with the one-time link. */
export default function InvitationPage() {
  // The secret is behind the #, which browsers send to no server.
  const token = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const accept = useAction(acceptInvitation);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  if (token === '') {
    return (
      <FrontDoor
        title="Open the invitation link"
        sentence="The link you were sent has more behind its # sign. Open that one, or ask for a new one."
      />
    );
  }
  const submit = () =>
    accept.mutate(
      { body: { token, name, password } },
      {
        onSuccess: async ({ email }) => {
          await signIn(email, password).then(
            () => navigate({ to: paths.home().to }),
            () => navigate({ to: paths.signIn().to, search: { email } }),
          );
        },
      },
    );
  return (
    <FrontDoor title="Welcome to Estover" sentence="Choose the name others see, and a password.">
      <FrontDoorForm act="Start" onAct={submit} acting={accept.isPending} error={accept.error}>
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
