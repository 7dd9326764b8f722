import { revokeGrant } from '@estover/protocol';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { roleNames, useAccount, useMe } from '../../account.tsx';
import { actionWords } from '../../action-words.ts';
import { useAction } from '../../api.ts';
import { formatDay } from '../../format.ts';
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx';
import { Moment, StatePill } from '../../parts/figures.tsx';
import { notifyDone } from '../../parts/notify.tsx';
import { PlaceLink } from '../../parts/PlaceLink.tsx';
import { ReasonedButton } from '../../parts/ReasonedButton.tsx';
import { Facts, PanelSection } from '../../parts/SplitPanel.tsx';
import { useVirtualAccounts } from '../../parts/virtual-accounts.ts';
import { paths } from '../../paths.ts';
import {
  type Grant,
  grantInWords,
  type Person,
  rightsOf,
  scopeInWords,
  sellerLimitOf,
} from './access-words.ts';
import { ChangeGrantDialog } from './ChangeGrantDialog.tsx';
import { InviteDialog } from './InviteDialog.tsx';
import styles from './people.module.css';
import { useIsAdministrator } from './RoleAndScope.tsx';
import { SellerLimitDialog } from './SellerLimitDialog.tsx';
import { ViewAsDialog } from './ViewAsDialog.tsx';
import { WhyDialog } from './WhyDialog.tsx';

/** One person: the roles, who gave them, and which right comes from which. */
export function PersonPanel({ person }: { person: Person }) {
  const account = useAccount();
  const virtualAccounts = useVirtualAccounts();
  const [giving, setGiving] = useState(false);
  const [asking, setAsking] = useState(false);
  const [revoking, setRevoking] = useState<Grant | null>(null);
  const [changing, setChanging] = useState<Grant | null>(null);
  const [limiting, setLimiting] = useState(false);
  const [viewing, setViewing] = useState(false);
  const me = useMe();
  const isAdministrator = useIsAdministrator();
  const reason = account.reasonAgainst('manage-people');
  const seller = sellerLimitOf(person);
  return (
    <>
      <Facts
        facts={[
          ['Mail address', person.email],
          ['Status', <PersonPill key="status" person={person} />],
          ['Company', person.partner ? 'Another one: a partner' : 'The account’s own'],
          seller === null ? null : ['Sees', `The lots sold by ${seller}, and nothing else`],
          [
            'What they did',
            <PlaceLink key="events" to={paths.events(account.accountId, { actorId: person.personId })}>
              Events
            </PlaceLink>,
          ],
        ]}
      />
      <PanelSection title="Roles">
        <ul className={styles.grants} aria-label={`Roles of ${person.name}`}>
          {person.grants.map((grant) => (
            <li key={grant.grantId} className={styles.grant}>
              <div>
                <p>
                  <b>{roleNames[grant.role]}</b> in {scopeInWords(grant.scope, virtualAccounts)}
                </p>
                <small>
                  {grant.group === null ? (
                    'Given'
                  ) : (
                    <>
                      By the group{' '}
                      <PlaceLink to={paths.groups(account.accountId, { open: grant.group.groupId })}>
                        {grant.group.name}
                      </PlaceLink>
                      , added
                    </>
                  )}{' '}
                  <Moment at={grant.grantedAt} /> by {grant.grantedBy}
                  {grant.until !== null && <> · ends {formatDay(grant.until)}</>}
                </small>
              </div>
              {grant.group === null && (
                <div className={styles.acts}>
                  <ReasonedButton
                    size="xs"
                    reason={reason}
                    aria-label={`Change ${grantInWords(grant, virtualAccounts)}`}
                    onClick={() => setChanging(grant)}
                  >
                    Change…
                  </ReasonedButton>
                  <ReasonedButton
                    size="xs"
                    color="bad"
                    reason={reason}
                    aria-label={`Take away ${grantInWords(grant, virtualAccounts)}`}
                    onClick={() => setRevoking(grant)}
                  >
                    Take away…
                  </ReasonedButton>
                </div>
              )}
            </li>
          ))}
          <li className={styles.grant}>
            <ReasonedButton reason={reason} onClick={() => setGiving(true)}>
              Give another role…
            </ReasonedButton>
            {person.partner && (
              <ReasonedButton reason={reason} onClick={() => setLimiting(true)}>
                Limit to a seller…
              </ReasonedButton>
            )}
          </li>
        </ul>
      </PanelSection>
      <PanelSection title="May do, and where it comes from">
        <div className={styles.ask}>
          <Button size="xs" onClick={() => setAsking(true)}>
            Why may they…?
          </Button>{' '}
          <ReasonedButton
            size="xs"
            reason={
              reason ??
              (person.personId === me.id
                ? 'You see the account as yourself already.'
                : isAdministrator
                  ? null
                  : 'Needs the role account administrator.')
            }
            onClick={() => setViewing(true)}
          >
            See as they do…
          </ReasonedButton>
        </div>
        <ul className={styles.rights}>
          {rightsOf(person.grants).map(({ from, actions }) => (
            <li key={actions[0]}>
              <small>As {from.map((grant) => grantInWords(grant, virtualAccounts)).join(' and as ')}</small>
              <ul>
                {actions.map((action) => (
                  <li key={action}>{actionWords[action]}</li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      </PanelSection>
      {viewing && <ViewAsDialog person={person} onClose={() => setViewing(false)} />}
      {limiting && <SellerLimitDialog person={person} onClose={() => setLimiting(false)} />}
      {asking && <WhyDialog person={person} onClose={() => setAsking(false)} />}
      {giving && <InviteDialog person={person} onClose={() => setGiving(false)} />}
      {changing !== null && (
        <ChangeGrantDialog person={person} grant={changing} onClose={() => setChanging(null)} />
      )}
      {revoking !== null && (
        <RevokeDialog person={person} grant={revoking} onClose={() => setRevoking(null)} />
      )}
    </>
  );
}

export function PersonPill({ person }: { person: Person }) {
  return person.status === 'active' ? (
    <StatePill tone="ok">Active</StatePill>
  ) : (
    <StatePill tone="warn">Invited, no password yet</StatePill>
  );
}

function RevokeDialog({ person, grant, onClose }: { person: Person; grant: Grant; onClose: () => void }) {
  const { accountId } = useAccount();
  const virtualAccounts = useVirtualAccounts();
  const revoke = useAction(revokeGrant);
  const input = { params: { accountId, grantId: grant.grantId } };
  const role = roleNames[grant.role].toLowerCase();
  return (
    <ConfirmDialog
      title={`Take a role from ${person.name}`}
      act={`Take away ${role}`}
      destructive
      acting={revoke.isPending}
      error={revoke.error}
      onClose={onClose}
      onAct={() =>
        revoke.mutate(input, {
          onSuccess: () => {
            notifyDone(`${person.name} is ${role} no more.`);
            onClose();
          },
        })
      }
      call={{ operation: revokeGrant, input }}
    >
      <p>
        {person.name} is {grantInWords(grant, virtualAccounts)}. Their open sessions lose it at once, and API
        keys they made with it end.
        {person.grants.length === 1 && ' It is their last role: they lose sight of the account.'}
      </p>
    </ConfirmDialog>
  );
}
