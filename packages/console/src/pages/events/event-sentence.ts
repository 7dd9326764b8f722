import { shown } from '../../shown.ts';

/** A message as a sentence stands in a list: events are written to follow the name of who did it. */
export const eventSentence = (message: string): string =>
  shown(message.charAt(0).toUpperCase() + message.slice(1));
