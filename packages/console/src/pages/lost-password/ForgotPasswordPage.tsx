import { getSetup } from '@estover/protocol';
import { TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useOperation } from '../../api.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { paths } from '../../paths.ts';
import { requestPasswordReset } from '../../session.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';

const route = getRouteApi('/forgot-password');

/** Asks for a link for a new password. It says the same whether there is such a person or not. */
export default function ForgotPasswordPage() {
  const { email: given } = route.useSearch();
  const [email, setEmail] = useState(given ?? '');
  const setUp = useOperation(getSetup, {});
  const ask = useMutation({ mutationFn: () => requestPasswordReset(email.trim()) });
  const back = <PlaceLink to={paths.signIn()}>Back to sign-in</PlaceLink>;
  const sendsMail = setUp.data?.sendsMail ?? true;
  if (ask.isSuccess) {
    return (
      <FrontDoor
        title={sendsMail ? 'Look into your mail' : 'Ask your operator'}
        sentence={
          !sendsMail
            ? `This installation sends no mail. If ${email.trim()} has access, its operator finds a link for a new password in the outbox, valid for one hour.`
            : `If ${email.trim()} has access, a link for a new password is on its way, valid for one hour. If it does not come, look among the unwanted mail, or ask again; three links an hour are sent.`
        }
      >
        {back}
      </FrontDoor>
    );
  }
  return (
    <FrontDoor
      title="Forgot your password?"
      sentence={
        sendsMail
          ? 'You get a link for a new one by mail.'
          : 'This installation sends no mail: its operator hands you a link for a new one.'
      }
    >
      <FrontDoorForm
        act={sendsMail ? 'Send the link' : 'Ask for a link'}
        onAct={() => ask.mutate()}
        acting={ask.isPending}
        error={ask.error}
      >
        <TextInput
          label="Mail address"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
      </FrontDoorForm>
      {back}
    </FrontDoor>
  );
}
