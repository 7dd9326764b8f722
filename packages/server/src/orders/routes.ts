import { createOrder } from '@estover/protocol';
import { command, type Handler } from '../edge/operation.ts';
import { bookOrder } from './create-order.ts';

export const routes: readonly Handler[] = [command(createOrder, bookOrder)];
