import { cancelRecovery } from '@estover/protocol';
import { useMutation } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { client } from '../../api.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { paths } from '../../paths.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';
import { shown } from '../../shown.ts';

/** With the link of the mail that says that one's second factors are about to end. */
export default function KeepSecondFactorsPage() {
  // The secret is behind the #, which browsers send to no server.
  const token = useLocation({ select: (location) => location.hash });
  const cancel = useMutation({ mutationFn: () => client.call(cancelRecovery, { body: { token } }) });
  const signIn = <PlaceLink to={paths.signIn()}>Sign in</PlaceLink>;
  if (token === '') {
    return (
      <FrontDoor title="Open the link from the mail" sentence="It has more behind its # sign. Open that one.">
        {signIn}
      </FrontDoor>
    );
  }
  if (cancel.isSuccess) {
    return (
      <FrontDoor
        title="Your second factors stay"
        sentence={`Nothing of ${shown(cancel.data.email)} was removed. If it was not you who asked, change your password.`}
      >
        {signIn}
      </FrontDoor>
    );
  }
  return (
    <FrontDoor
      title="Keep your second factors"
      sentence="Operators were told that you lost your authenticator app, recovery codes and passkeys, and are about to remove them."
    >
      <FrontDoorForm
        act="Keep them"
        onAct={() => cancel.mutate()}
        acting={cancel.isPending}
        error={cancel.error}
      >
        {null}
      </FrontDoorForm>
    </FrontDoor>
  );
}
