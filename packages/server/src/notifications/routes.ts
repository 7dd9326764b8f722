import type { Handler } from '../edge/operation.ts';
import { mailViews } from './mails-view.ts';
import { unsentMailCommands } from './unsent-mails.ts';

export const routes: readonly Handler[] = [...mailViews, ...unsentMailCommands];
