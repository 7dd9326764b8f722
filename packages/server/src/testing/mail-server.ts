import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** A mail as its reader gets it. */
export interface ReceivedMail {
  to: string[];
  from: string;
  messageId: string;
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

export interface MailServer {
  url: string;
  received: readonly ReceivedMail[];
  /** The first mail to an address that was not taken yet; waits for it. */
  take(to: string): Promise<ReceivedMail>;
  /** What the server says to the next mails, an SMTP code and a sentence; undefined takes them. */
  refuse(with_: { code: number; at: RefusedAt; text: string } | undefined): void;
  close(): Promise<void>;
}

type RefusedAt = 'sender' | 'recipient' | 'content';

const patienceMs = 15_000;

/** A real mail server on a free port, which keeps what it gets. */
export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const taken = new Set<ReceivedMail>();
  let refusal: { code: number; at: RefusedAt; text: string } | undefined;
  const refused = (at: RefusedAt): Error | undefined =>
    refusal?.at === at ? Object.assign(new Error(refusal.text), { responseCode: refusal.code }) : undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onMailFrom: (_address, _session, done) => done(refused('sender')),
    onRcptTo: (_address, _session, done) => done(refused('recipient')),
    onData(stream, session, done) {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        const problem = refused('content');
        if (problem !== undefined) return done(problem);
        const mail = await PostalMime.parse(Buffer.concat(chunks));
        received.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          from: mail.from?.address ?? '',
          messageId: mail.messageId ?? '',
          subject: mail.subject ?? '',
          text: mail.text ?? '',
          html: mail.html ?? '',
          headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
        });
        return done();
      })().catch(done);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the mail server has no port');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    async take(to) {
      for (const end = Date.now() + patienceMs; Date.now() < end; ) {
        const found = received.find((mail) => mail.to.includes(to) && !taken.has(mail));
        if (found !== undefined) {
          taken.add(found);
          return found;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(
        `no mail came to ${to}; there are ${received.map((mail) => mail.to.join()).join(', ')}`,
      );
    },
    refuse(given) {
      refusal = given;
    },
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** The one link in a mail that begins with this; it has to stand in both of its forms. */
export function linkIn({ text, html }: ReceivedMail, start: string): string {
  const [found] = text.match(/https?:\/\/\S+/g)?.filter((link) => link.includes(start)) ?? [];
  if (found === undefined) throw new Error(`no link with ${start} in ${text}`);
  if (!html.includes(`href="${found}"`)) throw new Error(`the HTML has not the link ${found}`);
  return found;
}
