import type { Handler } from '../edge/operation.ts';
import { getMeHandler } from './me-view.ts';

export const routes: readonly Handler[] = [getMeHandler];
