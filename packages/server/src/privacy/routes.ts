import type { Handler } from '../edge/operation.ts';
import { privacyViews } from './privacy-views.ts';
import { removalHandlers } from './remove-person.ts';

export const routes: readonly Handler[] = [...privacyViews, ...removalHandlers];
