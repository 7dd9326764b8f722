import type { Handler } from '../edge/operation.ts';

export const routes: readonly Handler[] = [];
