import { mayHaveBoth } from '@estover/domain/accounts';
import { checkAccountRequest } from '@estover/protocol';
import { useDebouncedValue } from '@mantine/hooks';
import { useOperation } from '../../api.ts';
import { RequestAccessLink } from '../../parts/RequestAccessLink.tsx';
import styles from './request-account.module.css';
import type { RequestDraft } from './request-draft.ts';

/**
 * Looks, before anything is asked for, whether there is such an account. Who may know of one reads its name; everybody else
 * reads the same whether there is one or not, with the way to asking for access.
 */
export function ExistingAccount({ draft }: { draft: RequestDraft }) {
  const { kind, mailDomain, prefix } = draft;
  const [asked] = useDebouncedValue(`${prefix.trim()} ${mailDomain.trim()}`, 300);
  const [typedPrefix = '', typedDomain = ''] = asked.split(' ');
  const looks = kind !== 'limited-use' && typedDomain.includes('.');
  const check = useOperation(
    checkAccountRequest,
    { body: { kind, mailDomain: typedDomain, prefix: typedPrefix } },
    { enabled: looks },
  );
  if (!looks || check.data === undefined || check.error !== null) return null;
  const { domainIdentifier, existing } = check.data;
  return existing === null ? (
    <p className={styles.hint} role="status">
      If there is an account {domainIdentifier} already, you need no other.{' '}
      <RequestAccessLink identifier={domainIdentifier} />
    </p>
  ) : (
    <p className={styles.warning} role="status">
      {domainIdentifier} is the identifier of {existing.name}.{' '}
      <RequestAccessLink identifier={domainIdentifier} /> instead of another account.
      {mayHaveBoth(existing.kind, kind) &&
        ` It is a ${existing.kind} account: with a prefix, a ${kind} account beside it is possible.`}
    </p>
  );
}
