import { PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { paths } from '../../paths.ts';
import { resetPassword, signIn } from '../../session.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';

/** Chooses a new password with the link from the mail. */
export default function ResetPasswordPage() {
  // The secret is behind the #, which browsers send to no server.
  const token = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const reset = useMutation({
    mutationFn: () => resetPassword(token, password),
    onSuccess: async (email) => {
      const toSignIn = () => navigate({ to: paths.signIn().to, search: { email } });
      // Who is asked for a code as well signs in on the page that asks for it.
      await signIn(email, password).then(
        (challenge) => (challenge === null ? navigate({ to: paths.home().to }) : toSignIn()),
        toSignIn,
      );
    },
  });
  const again = <PlaceLink to={paths.forgotPassword()}>Ask for a new link</PlaceLink>;
  if (token === '') {
    return (
      <FrontDoor
        title="Open the link from the mail"
        sentence="It has more behind its # sign. Open that one, or ask for a new one."
      >
        {again}
      </FrontDoor>
    );
  }
  return (
    <FrontDoor title="Choose a new password" sentence="All your sessions end, and a new one begins here.">
      <FrontDoorForm
        act="Change password"
        onAct={() => reset.mutate()}
        acting={reset.isPending}
        error={reset.error}
      >
        <PasswordInput
          label="New password"
          description="At least 12 characters, and not a common one."
          autoComplete="new-password"
          required
          withAsterisk={false}
          autoFocus
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </FrontDoorForm>
      {reset.isError && again}
    </FrontDoor>
  );
}
