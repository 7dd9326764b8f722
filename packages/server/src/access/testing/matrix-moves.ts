import { consentToAccountMove, proposeMerge } from '@estover/protocol';
import { administratorOf } from '../../accounts/testing/administrator.ts';
import type { SeededAccount, TestServer } from '../../testing/index.ts';
import { enterPassword } from './signed-in-person.ts';

/** Merges that the stranger of the matrix, who administers the foreign account, may do something with. */
export interface MatrixMoves {
  /** The stranger is asked. */
  askedMoveId: string;
  /** The stranger asked. */
  askingMoveId: string;
  /** It was done. */
  doneMoveId: string;
}

/** Makes them through the API, as people: API keys are nobody's consent. */
export async function makeMoves(
  server: TestServer,
  { own, foreign }: { own: SeededAccount; foreign: SeededAccount },
  strangersEmail: string,
): Promise<MatrixMoves> {
  const stranger = (await enterPassword(server, strangersEmail)).client;
  const other = await server.account('Third Company');
  // Whom the samples name.
  await server.account('Fourth Company');
  const propose = async (
    client: typeof stranger,
    from: SeededAccount,
    into: SeededAccount,
  ): Promise<string> => {
    const { move } = await client.call(proposeMerge, {
      params: { accountId: from.accountId },
      body: { otherAccount: into.accountId, goes: 'this', reason: 'One company' },
    });
    return move.moveId;
  };
  const owner = await administratorOf(server, [own.accountId, other.accountId]);
  const doneMoveId = await propose(owner.client, other, foreign);
  await stranger.call(consentToAccountMove, { params: { moveId: doneMoveId }, body: {} });
  return {
    askedMoveId: await propose(owner.client, own, foreign),
    askingMoveId: await propose(stranger, foreign, own),
    doneMoveId,
  };
}
