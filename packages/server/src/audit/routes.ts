import type { Handler } from '../edge/operation.ts';
import { downloadEventChainView, downloadPlatformEventChainView } from './chain-file.ts';
import { getEventHeadView, getPlatformEventHeadView } from './event-head.ts';
import { downloadEventsView, downloadPlatformEventsView } from './events-download.ts';
import { listEventsView } from './events-view.ts';
import { getPlatformEventView, listPlatformEventsView } from './platform-events-view.ts';

export const routes: readonly Handler[] = [
  listEventsView,
  downloadEventsView,
  getEventHeadView,
  downloadEventChainView,
  listPlatformEventsView,
  getPlatformEventView,
  downloadPlatformEventsView,
  getPlatformEventHeadView,
  downloadPlatformEventChainView,
];
