export * from './get-mail-delivery.ts';
export * from './list-mails.ts';
export * from './open-mail.ts';
export * from './send-mail-again.ts';
export * from './shapes.ts';
