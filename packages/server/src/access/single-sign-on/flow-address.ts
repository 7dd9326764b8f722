import type { Installation } from '../../installation/index.ts';

/** Where a browser goes that begins a flow; from there it is sent on to the company's sign-in. */
export const goAddress = ({ publicUrl }: Pick<Installation, 'publicUrl'>, state: string): string =>
  `${publicUrl}/auth/single-sign-on/go?flow=${state}`;
