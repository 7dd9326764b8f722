import { changeSingleSignOn, listGroups } from '@estover/protocol';
import { Checkbox, MultiSelect, Select } from '@mantine/core';
import { useState } from 'react';
import { useAccount } from '../../account.tsx';
import { useAction, useOperation } from '../../api.ts';
import { ApiCall } from '../../parts/ApiCall.tsx';
import { FormDialog } from '../../parts/ConfirmDialog.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { shown } from '../../shown.ts';
import type { Administrator, MailDomain } from './domain-words.ts';

/** Who is who, who comes in anew, and who gets in without the company. Sends only what was changed. */
export function RulesDialog({
  mailDomain: { mailDomainId, domain, singleSignOn },
  administrators,
  onClose,
}: {
  mailDomain: MailDomain;
  administrators: readonly Administrator[];
  onClose: () => void;
}) {
  const { accountId } = useAccount();
  const change = useAction(changeSingleSignOn);
  const groups = useOperation(listGroups, { params: { accountId }, query: { limit: 200 } });
  const before = {
    isRequired: singleSignOn?.isRequired ?? false,
    managesPeople: singleSignOn?.managesPeople ?? false,
    groupId: singleSignOn?.group?.groupId ?? null,
    exempt: (singleSignOn?.exempt ?? []).map(({ personId }) => personId).toSorted(),
  };
  const [managesPeople, setManagesPeople] = useState(before.managesPeople);
  const [groupId, setGroupId] = useState(before.groupId);
  const [isRequired, setIsRequired] = useState(before.isRequired);
  const [exempt, setExempt] = useState<string[]>(before.exempt);
  const able = administrators.filter(({ couldBeExempt }) => couldBeExempt);
  const body = {
    ...(managesPeople === before.managesPeople ? {} : { managesPeople }),
    ...(groupId === before.groupId ? {} : { groupId }),
    ...(isRequired === before.isRequired ? {} : { isRequired }),
    ...(exempt.toSorted().join() === before.exempt.join() ? {} : { exemptPersonIds: exempt }),
  };
  const input = { params: { accountId, mailDomainId }, body };
  const blocked =
    Object.keys(body).length === 0
      ? 'Nothing is changed yet.'
      : isRequired && exempt.length === 0
        ? 'Name who gets in when the company’s sign-in does not work.'
        : null;
  return (
    <FormDialog
      title={`Rules of ${domain}`}
      act="Save the rules"
      onAct={() =>
        change.mutate(input, {
          onSuccess: () => {
            notifyDone(`Saved the rules of ${domain}.`);
            onClose();
          },
        })
      }
      onClose={onClose}
      acting={change.isPending}
      error={change.error}
      blocked={blocked}
      apiCall={<ApiCall operation={changeSingleSignOn} input={input} />}
    >
      <Checkbox
        label={`People of ${domain} are managed at the company`}
        description="Whoever has a checked address there is the person with that address here, without a mail that asks."
        checked={managesPeople}
        onChange={(event) => setManagesPeople(event.currentTarget.checked)}
      />
      <Select
        label="New people come into the group"
        description="At their first sign-in. Without a group only invited people come in."
        placeholder="Nobody is made"
        clearable
        data={(groups.data?.items ?? []).map((group) => ({ value: group.groupId, label: group.name }))}
        value={groupId}
        onChange={setGroupId}
      />
      <Checkbox
        label="Single sign-on is required"
        description={
          singleSignOn?.isOn === true
            ? 'Passwords and passkeys of these people do not sign in any more. Sessions that are open stay until they end.'
            : 'Switch single sign-on on first.'
        }
        disabled={singleSignOn?.isOn !== true}
        checked={isRequired}
        onChange={(event) => setIsRequired(event.currentTarget.checked)}
      />
      <MultiSelect
        label="Who gets in without it"
        description={
          able.length === 0
            ? 'Nobody could: it takes an administrator without an end, with a password and codes at sign-in.'
            : 'With password and code, for when the company’s sign-in does not work.'
        }
        data={able.map(({ personId, name, email }) => ({
          value: personId,
          label: `${name} (${shown(email)})`,
        }))}
        value={exempt}
        onChange={setExempt}
      />
    </FormDialog>
  );
}
