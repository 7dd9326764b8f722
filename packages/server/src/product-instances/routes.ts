import {
  createToken,
  getProductInstance,
  listProductInstances,
  listTokens,
  listVirtualAccountTokens,
  removeProductInstance,
  revokeToken,
  transferProductInstance,
} from '@estover/protocol';
import { command, type Handler, view } from '../edge/operation.ts';
import { createTokenCommand } from './create-token.ts';
import { getProductInstanceView } from './product-instance-view.ts';
import { listProductInstancesView } from './product-instances-view.ts';
import { removeProductInstanceCommand } from './remove-product-instance.ts';
import { revokeTokenCommand } from './revoke-token.ts';
import { listTokensView, listVirtualAccountTokensView } from './tokens-view.ts';
import { transferProductInstanceCommand } from './transfer-product-instance.ts';

export const routes: readonly Handler[] = [
  view(listProductInstances, (context, { params, query }) =>
    listProductInstancesView(context, params.accountId, query),
  ),
  view(getProductInstance, (context, { params }) =>
    getProductInstanceView(context, params.accountId, params.instanceId),
  ),
  command(transferProductInstance, transferProductInstanceCommand),
  command(removeProductInstance, removeProductInstanceCommand),
  command(createToken, createTokenCommand),
  command(revokeToken, revokeTokenCommand),
  view(listTokens, (context, { params, query }) => listTokensView(context, params.accountId, query)),
  view(listVirtualAccountTokens, (context, { params, query }) =>
    listVirtualAccountTokensView(context, params.accountId, params.virtualAccountId, query),
  ),
];
