import {
  accountActions,
  accountPolicy,
  accountRoles,
  platformActions,
  platformPolicy,
  platformRoles,
} from '@estover/domain/access';
import { roleNames, useAccount } from '../../account.tsx';
import { actionWords, platformActionWords } from '../../action-words.ts';
import { Card } from '../../parts/Card.tsx';
import { PageHead } from '../../parts/PageHead.tsx';
import { SideScroll } from '../../parts/SideScroll.tsx';
import { paths } from '../../paths.ts';
import { platformRoleNames, reachWords } from './access-words.ts';
import styles from './people.module.css';

/** The whole policy as the server applies it: read from the same table. */
export default function PolicyPage() {
  const { accountId } = useAccount();
  return (
    <>
      <PageHead
        title="Who may do what"
        sentence="Rights are the union of all roles somebody holds. The server reads the same table."
        back={{ to: paths.people(accountId), label: 'People' }}
      />
      <div className={styles.stack}>
        <Card title="Roles of an account">
          <SideScroll label="Table of the roles of an account">
            <table className={styles.policy}>
              <thead>
                <tr>
                  <th scope="col">May …</th>
                  {accountRoles.map((role) => (
                    <th key={role} scope="col">
                      {roleNames[role]}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {accountActions.map((action) => (
                  <tr key={action}>
                    <th scope="row">{actionWords[action]}</th>
                    {accountRoles.map((role) => {
                      const reach = accountPolicy[action][role];
                      const { sign, words } = reachWords[reach];
                      return (
                        <td key={role} data-none={reach === 'none' || undefined} title={words}>
                          <span aria-hidden="true">{sign}</span>
                          {reach === 'assigned-not-default' && <span aria-hidden="true">*</span>}
                          <span className="visually-hidden">{words}</span>
                        </td>
                      );
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </SideScroll>
          <p className={styles.legend}>
            ● everywhere the role reaches · ○ inside the virtual accounts it names · * not the default one · –
            not allowed
          </p>
        </Card>
        <Card title="Roles of the platform’s staff">
          <SideScroll label="Table of the roles of the platform’s staff">
            <table className={styles.policy}>
              <thead>
                <tr>
                  <th scope="col">May …</th>
                  {platformRoles.map((role) => (
                    <th key={role} scope="col">
                      {platformRoleNames[role]}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {platformActions.map((action) => {
                  const allowed: readonly string[] = platformPolicy[action];
                  return (
                    <tr key={action}>
                      <th scope="row">{platformActionWords[action]}</th>
                      {platformRoles.map((role) => (
                        <td key={role} data-none={!allowed.includes(role) || undefined}>
                          <span aria-hidden="true">{allowed.includes(role) ? '●' : '–'}</span>
                          <span className="visually-hidden">
                            {allowed.includes(role) ? 'allowed' : 'not allowed'}
                          </span>
                        </td>
                      ))}
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </SideScroll>
          <p className={styles.legend}>
            None of it opens the inside of an account: only a support access does, which the account may
            forbid.
          </p>
        </Card>
      </div>
    </>
  );
}
