import { readsLikeTeam } from '@estover/domain/accounts';
import { requestAccount } from '@estover/protocol';
import { useState } from 'react';
import { useAction } from '../../api.ts';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { TeamWarning } from '../../parts/TeamWarning.tsx';
import { paths } from '../../paths.ts';
import { FrontDoor, FrontDoorForm } from '../../shell/FrontDoor.tsx';
import { ExistingAccount } from './ExistingAccount.tsx';
import { CompanyFields, PersonFields } from './RequestFields.tsx';
import { emptyDraft, inputOf, markedFields, type RequestDraft } from './request-draft.ts';

/** Anybody asks for an account. What the page says afterwards is the same whether there is such an account or not. */
export default function RequestAccountPage() {
  const ask = useAction(requestAccount);
  const [draft, setDraft] = useState<RequestDraft>(emptyDraft);
  const set = (change: Partial<RequestDraft>) => setDraft((was) => ({ ...was, ...change }));
  const back = <PlaceLink to={paths.signIn()}>Back to sign-in</PlaceLink>;
  if (ask.data !== undefined) {
    const { sendsMail, warnings } = ask.data;
    return (
      <FrontDoor
        title={sendsMail ? 'Look into your mail' : 'Ask your operator'}
        sentence={
          sendsMail
            ? `A link is on its way to ${draft.email.trim()}. Confirm your request with it within 3 days; what becomes of it you hear by mail.`
            : `This installation sends no mail. Its operator finds the link for ${draft.email.trim()} in the outbox; confirm your request with it within 3 days.`
        }
      >
        {warnings.includes('team-alias') && <TeamWarning address={approverOf(draft)} />}
        {back}
      </FrontDoor>
    );
  }
  return (
    <FrontDoor
      title="Ask for an account"
      sentence="It is free of charge. Somebody who may act for the company accepts it by mail."
    >
      <FrontDoorForm
        act="Ask for the account"
        onAct={() => ask.mutate(inputOf(draft))}
        acting={ask.isPending}
        error={ask.error}
        marked={markedFields}
      >
        <CompanyFields draft={draft} set={set} error={ask.error} />
        <ExistingAccount draft={draft} />
        <PersonFields draft={draft} set={set} error={ask.error} />
        {readsLikeTeam(approverOf(draft)) && <TeamWarning address={approverOf(draft)} />}
      </FrontDoorForm>
      {back}
    </FrontDoor>
  );
}

const approverOf = (draft: RequestDraft): string =>
  (draft.hasAuthority ? draft.email : draft.approverEmail).trim();
