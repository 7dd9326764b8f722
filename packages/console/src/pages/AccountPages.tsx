import { Outlet } from '@tanstack/react-router';
import { AgreementBanner } from './agreements/AgreementBanner.tsx';
import { TransferHost } from './licenses/transfer-host.tsx';

/** Stands around the pages of an account: what any of them may open, and what every one of them has to say. */
export default function AccountPages() {
  return (
    <TransferHost>
      <AgreementBanner />
      <Outlet />
    </TransferHost>
  );
}
