import { confirmNotificationAddress } from '@estover/protocol';
import { useMutation } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { client } from '../../api.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';

/** Whoever reads the mails of an added address confirms it with the link from its mail. */
export default function ConfirmAddressPage() {
  // The secret is behind the #, which browsers send to no server.
  const token = useLocation({ select: (location) => location.hash });
  const confirm = useMutation({
    mutationFn: () => client.call(confirmNotificationAddress, { body: { token } }),
  });
  if (confirm.data !== undefined) {
    const { email, accountName } = confirm.data;
    return (
      <FrontDoor
        title="The address is confirmed"
        sentence={`${email} hears of ${accountName} from now on. Every mail has a link that ends mails like it.`}
      />
    );
  }
  return (
    <FrontDoor
      title="Confirm the address"
      sentence="The address that this link was sent to hears of the account from then on."
    >
      <FrontDoorForm
        act="Confirm the address"
        onAct={() => confirm.mutate()}
        acting={confirm.isPending}
        error={confirm.error}
      >
        {null}
      </FrontDoorForm>
    </FrontDoor>
  );
}
