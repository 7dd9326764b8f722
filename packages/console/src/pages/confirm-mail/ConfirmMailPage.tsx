import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { readAgain } from '../../api.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { paths } from '../../paths.ts';
import { confirmMail } from '../../session.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';
import { shown } from '../../shown.ts';

const done: Record<string, { title: string; sentence: (email: string) => string }> = {
  own: {
    title: 'The address is yours',
    sentence: (email) => `${email} is proved. What was given to it counts now.`,
  },
  change: {
    title: 'Your mail address is changed',
    sentence: (email) => `You sign in with ${email} from now on.`,
  },
  identity: {
    title: 'Your sign-in is linked',
    sentence: () => 'Sign in at your company once more: it is you from now on.',
  },
};

/** Somebody opens the link of a mail that proves an address. A press does it, so that no program that looks at mails does. */
export default function ConfirmMailPage() {
  // The secret is behind the #, which browsers send to no server.
  const token = useLocation({ select: (location) => location.hash });
  const cache = useQueryClient();
  const confirm = useMutation({
    mutationFn: () => confirmMail(token),
    onSuccess: () => void readAgain(cache),
  });
  if (token === '') {
    return (
      <FrontDoor
        title="Open the link from the mail"
        sentence="The link you were sent has more behind its # sign. Open that one, or ask for a new one."
      />
    );
  }
  const words = confirm.data === undefined ? undefined : done[confirm.data.proved];
  if (confirm.data !== undefined && words !== undefined) {
    const { proved, email } = confirm.data;
    return (
      <FrontDoor title={words.title} sentence={words.sentence(shown(email))}>
        <PlaceLink to={proved === 'identity' ? paths.signIn() : paths.home()}>
          {proved === 'identity' ? 'Sign in' : 'Go on to Estover'}
        </PlaceLink>
      </FrontDoor>
    );
  }
  return (
    <FrontDoor title="Confirm it" sentence="The mail that brought you here says what you confirm.">
      <FrontDoorForm
        act="It is mine"
        onAct={() => confirm.mutate()}
        acting={confirm.isPending}
        error={confirm.error}
      >
        {null}
      </FrontDoorForm>
    </FrontDoor>
  );
}
