import { shownAddresses } from '@estover/domain/accounts';
import { toUnicode } from 'punycode.js';

/** A text with its mail addresses as people write them: `ana@bücher.example`. They are kept and sent as `xn--…`. */
export const shown = (text: string): string => shownAddresses(text, toUnicode);
