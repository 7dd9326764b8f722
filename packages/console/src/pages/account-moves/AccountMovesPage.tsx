import { PageHead } from '../../parts/PageHead.tsx';
import { MoveList } from './MoveList.tsx';

/** The inbox: everything that a person is asked, in whichever account, and also without one. */
export default function AccountMovesPage() {
  return (
    <>
      <PageHead
        title="Merges and splits"
        sentence="What was proposed for accounts you administer, or are asked to administer."
      />
      <MoveList />
    </>
  );
}
