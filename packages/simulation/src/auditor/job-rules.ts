import { day } from '../clock.ts';
import {
  type BookAccount,
  type BookEntry,
  type BookLot,
  type Books,
  type HoldingState,
  movementText,
  post,
  type TermAlert,
} from './books.ts';
import { endInstance } from './instance-rules.ts';

/** Answers are kept for 30 days for whoever asks again (docs/protocol.md, section 6). */
const keptFor = 30 * day;

/** An instance is overdue a day after it was expected. */
const overdueAfter = day;

/** Renewals are alerted 30 days late, and urgently 7 days before the certificate's end. */
const renewalGrace = 30 * day;
const renewalUrgent = 7 * day;

/** Ends of terms are told of 90 days ahead, and stay an alert for 30 days. */
const noticeBefore = 90 * day;
const noticeAfter = 30 * day;

/** Enters what the server's jobs have to do at an instant, in their order: terms before what follows from them. */
export function enterJobs(books: Books, at: number): void {
  for (const account of books.accounts.values()) {
    turnTerms(account, at);
    for (const instance of account.instances.values()) {
      if (instance.state === 'registered' && instance.deadlineAt <= at) {
        instance.state = 'authorization-expired';
        instance.usage.clear();
        instance.connectAlert = 'major';
      }
      const isAlive = instance.state === 'registered' || instance.state === 'authorization-expired';
      const { expiresAt, renewAfter } = instance.certificate;
      if (isAlive && expiresAt <= at) endInstance(instance, 'certificate-ended');
      if (instance.state !== 'registered') continue;
      if (instance.nextContactBy <= at - overdueAfter) instance.connectAlert ??= 'minor';
      const severity =
        expiresAt <= at + renewalUrgent ? 'major' : renewAfter <= at - renewalGrace ? 'minor' : null;
      if (severity === 'major') instance.renewAlert = 'major';
      else if (severity === 'minor') instance.renewAlert ??= 'minor';
    }
    account.termAlerts = termAlertsOf(account, at);
    for (const [id, message] of account.messages) if (message.at < at - keptFor) account.messages.delete(id);
  }
  for (const [key, answer] of books.answers) if (answer.at < at - keptFor) books.answers.delete(key);
}

function turnTerms(account: BookAccount, at: number): void {
  const lots = [...account.lots.values()];
  for (const lot of lots) {
    if (lot.turn !== 'start' || lot.startsAt === null || lot.startsAt > at) continue;
    turn(account, lot, 'start', 'pending', 'available');
    lot.turn = lot.endsAt === null ? null : 'end';
  }
  for (const lot of lots) {
    if (lot.turn !== 'end' || lot.endsAt === null || lot.endsAt > at) continue;
    turn(account, lot, 'expire', 'available', 'expired');
    lot.turn = null;
  }
}

function turn(
  account: BookAccount,
  { lotId }: BookLot,
  kind: string,
  from: HoldingState,
  to: HoldingState,
): void {
  const entries: BookEntry[] = [];
  for (const [place, lots] of account.holdings) {
    const quantity = lots.get(lotId)?.[from] ?? 0;
    if (quantity === 0) continue;
    entries.push(
      { lotId, place, state: from, delta: -quantity },
      { lotId, place, state: to, delta: quantity },
    );
  }
  if (entries.length === 0) return;
  post(account, entries);
  account.unseen.push(movementText(kind, entries));
}

function termAlertsOf(account: BookAccount, at: number): TermAlert[] {
  const alerts: TermAlert[] = [];
  for (const [place, lots] of account.holdings) {
    for (const [lotId, { available, expired }] of lots) {
      const lot = account.lots.get(lotId);
      // What had ended before it was delivered is imported history, which ended for nobody here.
      if (lot === undefined || lot.endsAt === null || lot.deliveredAt >= lot.endsAt) continue;
      const { endsAt } = lot;
      if (available > 0 && endsAt > at && endsAt <= at + noticeBefore) {
        alerts.push({ kind: 'licenses-expiring', place, lotId, quantity: available });
      }
      if (expired > 0 && endsAt > at - noticeAfter && endsAt <= at) {
        alerts.push({ kind: 'licenses-expired', place, lotId, quantity: expired });
      }
    }
  }
  return alerts;
}
