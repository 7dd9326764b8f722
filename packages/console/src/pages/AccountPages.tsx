import { standingOf } from '@estover/domain/accounts';
import { Outlet } from '@tanstack/react-router';
import { useAccount } from '../account.tsx';
import styles from './account-pages.module.css';
import { AgreementBanner } from './agreements/AgreementBanner.tsx';
import { TransferHost } from './licenses/transfer-host.tsx';
import { SupportBanner } from './support/SupportBanner.tsx';

/** Stands around the pages of an account: what any of them may open, and what every one of them has to say. */
export default function AccountPages() {
  return (
    <TransferHost>
      <StatusNotice />
      <SupportBanner />
      <AgreementBanner />
      <Outlet />
    </TransferHost>
  );
}

function StatusNotice() {
  const { name, status, statusReason } = useAccount();
  if (standingOf[status].changes) return null;
  return (
    <p className={styles.notice} role="status">
      <b>
        {name} is {status}.
      </b>{' '}
      {statusReason === null ? '' : `${statusReason} `}
      It can be read, and nothing in it changed.
    </p>
  );
}
