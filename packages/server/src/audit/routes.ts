import type { Handler } from '../edge/operation.ts';
import { downloadEventChainView } from './chain-file.ts';
import { getEventHeadView } from './event-head.ts';
import { downloadEventsView } from './events-download.ts';
import { listEventsView } from './events-view.ts';

export const routes: readonly Handler[] = [
  listEventsView,
  downloadEventsView,
  getEventHeadView,
  downloadEventChainView,
];
