import { createToken, listTokens, listVirtualAccountTokens, revokeToken } from '@estover/protocol';
import { command, type Handler, view } from '../edge/operation.ts';
import { createTokenCommand } from './create-token.ts';
import { revokeTokenCommand } from './revoke-token.ts';
import { listTokensView, listVirtualAccountTokensView } from './tokens-view.ts';

export const routes: readonly Handler[] = [
  command(createToken, createTokenCommand),
  command(revokeToken, revokeTokenCommand),
  view(listTokens, (context, { params, query }) => listTokensView(context, params.accountId, query)),
  view(listVirtualAccountTokens, (context, { params, query }) =>
    listVirtualAccountTokensView(context, params.accountId, params.virtualAccountId, query),
  ),
];
