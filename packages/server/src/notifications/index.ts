export type { MailContent } from './mail-texts.ts';
export { createMailer, keepingMailer, type Mailer } from './mailer.ts';
export { countMailsSince, deleteMailsTo, endMails, keepWaitingMails, purgeMails } from './mails-store.ts';
export { type QueueContext, queueMail } from './queue-mail.ts';
