import type { Handler } from '../edge/operation.ts';
import { listEventsView } from './events-view.ts';

export const routes: readonly Handler[] = [listEventsView];
