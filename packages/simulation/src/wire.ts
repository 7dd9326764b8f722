/** A request as it comes to the server's door. */
export interface WireRequest {
  /** Who sends it, for the history. */
  sender: string;
  method: string;
  /** Path and query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
}

export interface WireReply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** No reply came: lost on the way, cut off by a crash, or nobody there. */
export class LineBroken extends Error {
  override name = 'LineBroken';
}

/** The problem code of a refusal, or `ok`. */
export function outcomeOf(reply: WireReply): string {
  if (reply.status < 400) return 'ok';
  return (JSON.parse(reply.body) as { code: string }).code;
}
