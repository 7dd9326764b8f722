import { PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { paths } from '../../paths.ts';
import { signIn } from '../../session.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';

const route = getRouteApi('/sign-in');

export default function SignInPage() {
  const { next, email: given } = route.useSearch();
  const router = useRouter();
  const cache = useQueryClient();
  const [email, setEmail] = useState(given ?? '');
  const [password, setPassword] = useState('');
  const enter = useMutation({
    mutationFn: () => signIn(email.trim(), password),
    onSuccess: async () => {
      cache.clear();
      // Only a path of this site: an address from outside could send a person to a copy of it.
      const inside = next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\');
      router.history.push(inside && next !== undefined ? next : '/');
    },
  });
  return (
    <FrontDoor title="Sign in" sentence="With the mail address you were invited with.">
      <FrontDoorForm act="Sign in" onAct={() => enter.mutate()} acting={enter.isPending} error={enter.error}>
        <TextInput
          label="Mail address"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus={given === undefined}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus={given !== undefined}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </FrontDoorForm>
      <PlaceLink to={paths.forgotPassword(email.trim() === '' ? undefined : email.trim())}>
        Forgot your password?
      </PlaceLink>
      <PlaceLink to={paths.requestAccount()}>Ask for an account</PlaceLink>
    </FrontDoor>
  );
}
