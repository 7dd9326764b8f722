import { X509Certificate } from 'node:crypto';
import type { Authorization, AuthorizeRequest, RegisterRequest } from '@estover/protocol/device';
import { day, hour, millisecondsOf } from '../clock.ts';
import {
  type BookAccount,
  type BookCertificate,
  type BookInstance,
  type BookMessage,
  type Books,
  isLiving,
} from './books.ts';
import { difference } from './case.ts';
import { type DeviceCase, foundCode, same } from './device-case.ts';
import { endInstance, isExportBarred, tokenStateAt } from './instance-rules.ts';
import { poolsOf } from './pools.ts';

/** Clocks may differ by an hour (docs/protocol.md, section 10). */
const tolerance = hour;
const authorizedFor = 90 * day;
const certificateFor = 365 * day;
const renewedAfter = 180 * day;

/**
 * Judges a message of a product instance with its answer, in the order of docs/protocol.md, section 6, and enters what
 * it means. Returns what is wrong, or undefined.
 */
export function judgeMessage(given: DeviceCase): string | undefined {
  return given.kind === 'register' ? judgeRegistration(given) : judgeSigned(given);
}

function judgeSigned(given: DeviceCase): string | undefined {
  const { books, kind, keyId, request, payload } = given;
  const [accountId = '', instanceId = '', serial = ''] = (keyId ?? '').split('/');
  const account = books.accounts.get(accountId);
  const instance = account?.instances.get(instanceId);
  if (account === undefined || instance === undefined) return expectCode(given, 'instance-unknown');
  const certificate = certificateOf(instance, serial);
  const id = `${instanceId}/${request.messageId}`;
  const stored = account.messages.get(id);
  if (certificate === undefined) return expectCode(given, 'certificate-unknown');
  if (stored !== undefined) {
    if (stored.kind === kind && same(stored.payload, payload)) return judgeRepeat(given, stored);
    return expectCode(given, 'message-id-reused');
  }
  if (!isLiving(instance)) return expectCode(given, codeOfEnd(instance));
  const refusal = given.moments.map((at) => refusalAt(account, instance, certificate, request, at));
  if (request.sequence <= instance.lastSequence && !refusal.includes('certificate-ended')) {
    // A clone or a restored snapshot: alerted whether it is answered or refused, but not when its clock is wrong.
    if (foundCode(given) !== 'clock-skew') instance.duplicateAlert = true;
  }
  if (!refusal.includes(foundCode(given))) return expectCode(given, refusal[0] ?? 'ok');
  if (foundCode(given) !== 'ok') return undefined;
  return acceptSigned(given, account, instance, serial, id);
}

function refusalAt(
  account: BookAccount,
  instance: BookInstance,
  certificate: BookCertificate,
  request: DeviceCase['request'],
  at: number,
): string {
  if (certificate.expiresAt <= at) return 'certificate-ended';
  if (Math.abs(millisecondsOf(request.sentAt) - at) > tolerance) return 'clock-skew';
  return request.sequence <= instance.lastSequence && account.sequencePolicy === 'refuse'
    ? 'sequence-regressed'
    : 'ok';
}

function acceptSigned(
  given: DeviceCase,
  account: BookAccount,
  instance: BookInstance,
  serial: string,
  id: string,
): string | undefined {
  const { books, kind, request, payload } = given;
  const answer = given.answer ?? {};
  const answeredAt = millisecondsOf(String(answer['answeredAt']));
  if (answeredAt < given.from || answeredAt > given.to) return `the answer is dated ${answer['answeredAt']}`;
  // The first message that the newest certificate signs ends the one before.
  if (serial === instance.certificate.serial) instance.previous = null;
  instance.lastSequence = Math.max(instance.lastSequence, request.sequence);
  instance.lastContactAt = answeredAt;
  account.messages.set(id, { kind, payload, answer, at: answeredAt });
  const common = difference(
    'the answer',
    {
      messageId: request.messageId,
      accountId: account.accountId,
      instanceId: instance.instanceId,
      lastSequence: instance.lastSequence,
    },
    answer,
  );
  if (common !== undefined) return common;
  if (kind === 'authorize') {
    return report(books, account, instance, request as AuthorizeRequest, answer, answeredAt, given.others);
  }
  if (kind === 'deregister') {
    endInstance(instance, 'deregistered');
    return typeof answer['receipt'] === 'string' ? undefined : 'a deregistration has no receipt';
  }
  const issued = certificateIn(answer);
  if (serial === instance.certificate.serial) instance.previous = instance.certificate;
  instance.certificate = issued;
  instance.renewAlert = null;
  return checkCertificate(issued, given);
}

function judgeRepeat(given: DeviceCase, stored: BookMessage): string | undefined {
  if (given.answer === undefined) return expectCode(given, 'ok');
  const { replayed, ...rest } = given.answer;
  const { replayed: _, ...first } = stored.answer;
  if (replayed !== true) return 'a repeat is not marked as replayed';
  return same(JSON.stringify(first), JSON.stringify(rest))
    ? undefined
    : `a repeat should be answered ${JSON.stringify(first)} and is answered ${JSON.stringify(rest)}`;
}

function judgeRegistration(given: DeviceCase): string | undefined {
  const { books, payload } = given;
  const request = given.request as RegisterRequest;
  const holder = tokenHolder(books, request.token);
  const isClockWrong = (at: number) => Math.abs(millisecondsOf(request.sentAt) - at) > tolerance;
  if (holder === undefined) {
    const codes = given.moments.map((at): string => (isClockWrong(at) ? 'clock-skew' : 'token-unknown'));
    return codes.includes(foundCode(given)) ? undefined : expectCode(given, codes[0] ?? 'token-unknown');
  }
  const { account, token } = holder;
  const id = `register/${request.messageId}`;
  const stored = account.messages.get(id);
  if (stored !== undefined) {
    return same(stored.payload, payload)
      ? judgeRepeat(given, stored)
      : expectCode(given, 'message-id-reused');
  }
  const { productId, serialNumber } = request.instance;
  const earlier = [...account.instances.values()].find(
    (each) => isLiving(each) && each.productId === productId && each.serialNumber === serialNumber,
  );
  const refusals = given.moments.map((at) => {
    if (isClockWrong(at)) return 'clock-skew';
    const state = tokenStateAt(token, at);
    if (state !== 'active') return `token-${state}`;
    if (!account.places.has(token.place)) return 'token-revoked';
    return earlier !== undefined && request.force !== true ? 'already-registered' : 'ok';
  });
  if (!refusals.includes(foundCode(given))) return expectCode(given, refusals[0] ?? 'ok');
  if (foundCode(given) !== 'ok') return undefined;

  const answer = given.answer ?? {};
  const answeredAt = millisecondsOf(String(answer['answeredAt']));
  const isElsewhere = earlier !== undefined && earlier.place !== token.place;
  if (earlier !== undefined) endInstance(earlier, 'replaced');
  const exportAllowed = token.exportAllowed && !isExportBarred(account);
  const instance: BookInstance = {
    instanceId: String(answer['instanceId']),
    productId,
    serialNumber,
    place: token.place,
    state: 'registered',
    exportAllowed,
    usage: new Map(),
    lastSequence: request.sequence,
    lastContactAt: answeredAt,
    nextContactBy: 0,
    deadlineAt: 0,
    certificate: certificateIn(answer),
    previous: null,
    connectAlert: null,
    renewAlert: null,
    duplicateAlert: isElsewhere,
  };
  if (account.instances.has(instance.instanceId))
    return 'a registration was given the id of another instance';
  account.instances.set(instance.instanceId, instance);
  token.uses += 1;
  account.messages.set(id, { kind: 'register', payload, answer, at: answeredAt });
  const told = { messageId: request.messageId, accountId: account.accountId, lastSequence: request.sequence };
  return (
    difference('the registration', { ...told, exportControlledAllowed: exportAllowed }, answer) ??
    checkCertificate(instance.certificate, given) ??
    report(books, account, instance, { usage: request.usage ?? [] }, answer, answeredAt, given.others)
  );
}

/** The whole of what is in use; a tag that is not named is not in use. */
function report(
  books: Books,
  account: BookAccount,
  instance: BookInstance,
  { usage }: Pick<AuthorizeRequest, 'usage'>,
  answer: Record<string, unknown>,
  answeredAt: number,
  others: DeviceCase['others'],
): string | undefined {
  instance.state = 'registered';
  instance.connectAlert = null;
  instance.usage.clear();
  const mayExport = instance.exportAllowed && !isExportBarred(account);
  for (const { tag, count } of usage) {
    const license = books.licenses.get(tag);
    const counted = license !== undefined && (!license.exportControlled || mayExport);
    if (count > 0) instance.usage.set(tag, { count, counted });
  }
  const told = answer['authorization'] as Authorization;
  const { nextContactSeconds } = told;
  instance.nextContactBy = answeredAt + nextContactSeconds * 1000;
  instance.deadlineAt = answeredAt + authorizedFor;
  if (millisecondsOf(told.deadlineAt) !== instance.deadlineAt) return `the deadline is ${told.deadlineAt}`;
  const check = () => checkAuthorization(books, account, instance, usage, told);
  const wrong = check();
  if (wrong === undefined || others === undefined) return wrong;
  // Reports of a round may be decided together: then each hears how the pools stand after all of them.
  others.push(check);
  return undefined;
}

function checkAuthorization(
  books: Books,
  account: BookAccount,
  instance: BookInstance,
  usage: AuthorizeRequest['usage'],
  told: Authorization,
): string | undefined {
  const pools = poolsOf(books, account, instance.place);
  const mayExport = instance.exportAllowed && !isExportBarred(account);
  const licenses = usage.map(({ tag, count }) => {
    const license = books.licenses.get(tag);
    if (license === undefined) return { tag, count, state: 'invalid-tag' };
    if (license.exportControlled && !mayExport) return { tag, count, state: 'disabled' };
    return { tag, count, state: count === 0 ? 'in-compliance' : (pools.get(tag)?.state ?? 'in-compliance') };
  });
  const found = told.licenses.map(({ tag, count, state }) => ({ tag, count, state }));
  if (JSON.stringify(licenses) !== JSON.stringify(found)) {
    return `the licenses should be ${JSON.stringify(licenses)} and are ${JSON.stringify(found)}`;
  }
  const used = licenses.filter(({ count }) => count > 0);
  const isFine = used.every(({ state }) => state === 'in-compliance' || state === 'overage');
  const state = used.length === 0 ? 'no-licenses-in-use' : isFine ? 'authorized' : 'out-of-compliance';
  const nextContactSeconds = state === 'out-of-compliance' ? 43_200 : 2_592_000;
  return difference('the authorization', { state, nextContactSeconds }, told);
}

function tokenHolder(books: Books, secret: string) {
  for (const account of books.accounts.values()) {
    for (const token of account.tokens.values()) if (token.secret === secret) return { account, token };
  }
  return undefined;
}

function certificateOf({ certificate, previous }: BookInstance, serial: string): BookCertificate | undefined {
  if (serial === certificate.serial) return certificate;
  return previous !== null && serial === previous.serial ? previous : undefined;
}

const codeOfEnd = ({ state }: BookInstance): string =>
  state === 'certificate-ended' ? 'certificate-ended' : 'instance-removed';

function certificateIn(answer: Record<string, unknown>): BookCertificate {
  const certificate = new X509Certificate(Buffer.from(String(answer['certificate']), 'base64'));
  return {
    serial: certificate.serialNumber.toLowerCase(),
    expiresAt: millisecondsOf(String(answer['certificateExpiresAt'])),
    renewAfter: millisecondsOf(String(answer['renewAfter'])),
  };
}

function checkCertificate(
  { expiresAt, renewAfter }: BookCertificate,
  { from, to }: DeviceCase,
): string | undefined {
  const issuedAt = expiresAt - certificateFor;
  const isDated = issuedAt >= from && issuedAt <= to && renewAfter === issuedAt + renewedAfter;
  return isDated ? undefined : `the certificate lasts to ${new Date(expiresAt).toISOString()}`;
}

function expectCode(given: DeviceCase, code: string): string | undefined {
  const found = foundCode(given);
  return found === code ? undefined : `${given.kind} should be answered ${code} and is answered ${found}`;
}
