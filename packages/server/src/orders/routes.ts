import {
  cancelOrder,
  createOrder,
  getAccountOrder,
  getOrder,
  importOrders as importOrdersOperation,
  listAccountOrders as listAccountOrdersOperation,
  listOrders as listOrdersOperation,
  shipOrder,
} from '@estover/protocol';
import { command, type Handler, view } from '../edge/operation.ts';
import { cancelLines } from './cancel-order.ts';
import { bookOrder } from './create-order.ts';
import {
  createDeliveryRuleHandler,
  deleteDeliveryRuleHandler,
  updateDeliveryRuleHandler,
} from './delivery-rules.ts';
import { listDeliveryRulesHandler, tryDeliveryRulesHandler } from './delivery-rules-view.ts';
import { importOrders } from './import-orders.ts';
import { listAccountOrders, listOrders } from './orders-view.ts';
import { shipLines } from './ship-order.ts';
import { traceAccountOrder, traceOrder } from './trace-view.ts';

export const routes: readonly Handler[] = [
  command(createOrder, bookOrder),
  command(importOrdersOperation, importOrders),
  command(shipOrder, shipLines),
  command(cancelOrder, cancelLines),
  view(listOrdersOperation, listOrders),
  view(listAccountOrdersOperation, listAccountOrders),
  view(getOrder, traceOrder),
  view(getAccountOrder, traceAccountOrder),
  listDeliveryRulesHandler,
  createDeliveryRuleHandler,
  updateDeliveryRuleHandler,
  deleteDeliveryRuleHandler,
  tryDeliveryRulesHandler,
];
