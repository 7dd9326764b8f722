import { Outlet } from '@tanstack/react-router';
import { TransferHost } from './licenses/transfer-host.tsx';

/** Stands around the pages of an account: what any of them may open. */
export default function AccountPages() {
  return (
    <TransferHost>
      <Outlet />
    </TransferHost>
  );
}
