import { approveRecovery, askRecovery } from '@estover/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishRecoveries } from '../support/index.ts';
import { makeStaff, type StaffMember, signInAs } from '../support/testing/staff.ts';
import { startTestServer, type TestServer } from '../testing/index.ts';
import {
  checkSeats,
  checkSessions,
  codeNow,
  isGood,
  newAuthenticator,
  newWorld,
  oneOf,
  replacePassword,
  type SignInModel,
  type SignInWorld,
  secretsInMails,
  sendAtOnce,
  sitDown,
} from './testing/sign-in-world.ts';

let server: TestServer;
let operators: StaffMember[];
beforeAll(async () => {
  server = await startTestServer();
  operators = [
    await makeStaff(server, 'operator', 'Ola Berg'),
    await makeStaff(server, 'operator', 'Ida Holm'),
  ];
});
afterAll(() => server.close());

type Walk = (model: SignInModel, real: SignInWorld) => Promise<void>;
type Step = fc.AsyncCommand<SignInModel, SignInWorld>;

/** A step of somebody, a minute after the one before, after which exactly the right sessions live. */
const step = (name: string, walk: Walk): Step => ({
  check: () => true,
  async run(model, real) {
    // So that each code of the app is a new one, and tries come back.
    real.server.clock.advance({ minutes: 1 });
    await walk(model, real);
    await checkSessions(real, model);
  },
  toString: () => name,
});

const minutesFromNow = (minutes: number) => server.clock.now().add({ minutes });
const wrong = 'wrong horse battery';

/** In place of a number: the newest that is still good. */
const newest = 99;
const once = (times: number, isRight: boolean, right: number, refused: number) =>
  Array.from({ length: times }, (_, at) => (at === 0 && isRight ? right : refused));

/** The password, alone or at once: it opens a session only where no codes are asked for. */
const enterPassword = (given: 'now' | 'earlier' | 'wrong') =>
  step(`password ${given}`, async (model, real) => {
    const password = { now: model.password, earlier: model.earlierPassword, wrong }[given];
    const { email } = model;
    const [answer] = await sendAtOnce(1, (by) => by.post('/auth/sign-in/email', { email, password }), server);
    expect(answer?.status).toBe(given === 'now' ? 200 : 401);
    if (given !== 'now') return;
    expect(answer?.body['state']).toBe(model.codes.isOn ? 'code-needed' : 'signed-in');
    if (answer !== undefined && !model.codes.isOn) sitDown(real, model, answer.browser);
    const secret = answer?.body['challenge'];
    expect(typeof secret).toBe(model.codes.isOn ? 'string' : 'undefined');
    if (typeof secret === 'string') {
      model.challenges.push({ secret, until: minutesFromNow(5), isGone: false, wrong: 0 });
    }
  });

type CodeKind = 'app' | 'recovery' | 'spent' | 'wrong';

/** A code that is right, and what is not right any more when it was taken. */
async function pickCode(model: SignInModel, real: SignInWorld, kind: CodeKind) {
  const [recovery] = model.recovery.left;
  const text = {
    app: await codeNow(real, model),
    recovery: recovery ?? null,
    spent: model.recovery.spent.at(-1) ?? null,
    wrong: null,
  }[kind];
  const isRight = model.codes.isOn && text !== null && kind !== 'spent';
  const use = () => {
    if (kind !== 'recovery' || recovery === undefined) return;
    model.recovery.left = model.recovery.left.slice(1);
    model.recovery.spent.push(recovery);
  };
  return { code: text ?? '000000', isRight, use };
}

/** The second half of a sign-in, with a half-done one that may be over; twice at once opens it once. */
const enterCode = (at: number, kind: CodeKind, times: number) =>
  step(`code ${kind} for sign-in ${at}, ${times} at once`, async (model, real) => {
    // Mostly one that is open, which begins here where there is none; else any of those that were.
    if (at === newest && model.codes.isOn && !model.challenges.some((each) => isGood(real, each))) {
      const { email, password } = model;
      const [begun] = await sendAtOnce(
        1,
        (by) => by.post('/auth/sign-in/email', { email, password }),
        server,
      );
      const secret = String(begun?.body['challenge']);
      model.challenges.push({ secret, until: minutesFromNow(5), isGone: false, wrong: 0 });
    }
    const open = at === newest ? model.challenges.findLast((each) => isGood(real, each)) : undefined;
    const chosen = open ?? oneOf(model.challenges, at);
    const isOpen = isGood(real, chosen);
    const { code, isRight, use } = await pickCode(model, real, kind);
    const challenge = chosen?.secret ?? 'made up';
    const answers = await sendAtOnce(
      times,
      (by) => by.post('/auth/sign-in/code', { challenge, code }),
      server,
    );
    const statuses = answers.map(({ status }) => status);
    if (!isOpen) return expect(statuses).toEqual(once(times, false, 200, 409));
    if (isRight) {
      // Whoever comes second finds the sign-in ended.
      expect(statuses).toEqual(once(times, true, 200, 409));
      use();
      for (const each of model.challenges) each.isGone = true;
      if (answers[0] !== undefined) sitDown(real, model, answers[0].browser);
      return;
    }
    const left = 5 - (chosen as (typeof model.challenges)[number]).wrong;
    expect(statuses.toSorted()).toEqual(
      Array.from({ length: times }, (_, n) => (n < left ? 422 : 409)).toSorted(),
    );
    const tried = model.challenges.find((each) => each === chosen);
    if (tried === undefined) return;
    tried.wrong += Math.min(times, left);
    if (tried.wrong >= 5) tried.isGone = true;
  });

/** Asks for a link for a new password, by somebody who knows the address. */
const askReset = step('ask for a new password', async (model, real) => {
  const { email } = model;
  await sendAtOnce(1, (by) => by.post('/auth/request-password-reset', { email }), server);
  await expect
    .poll(() => server.db.selectFrom('password_reset_requests').select('request_id').execute())
    .toEqual([]);
  for (const secret of (await secretsInMails(real, email, 'espr')).slice(0, 1)) {
    if (model.resets.every((each) => each.secret !== secret)) {
      model.resets.push({ secret, until: minutesFromNow(60), isGone: false });
    }
  }
});

/** Uses such a link, alone, twice at once, or while somebody signs in with what it replaces. */
const useReset = (at: number, beside: 'nothing' | 'itself' | 'password' | 'code') =>
  step(`new password by link ${at}, beside ${beside}`, async (model, real) => {
    const link = oneOf(model.resets, at);
    const isOpen = isGood(real, link);
    const password = `horse of the number ${real.next()}`;
    const body = { token: link?.secret ?? 'made up', password };
    const challenge = model.challenges.findLast((each) => isGood(real, each))?.secret ?? 'made up';
    // What would be used up by a link that is over is no matter here.
    const racer = isOpen ? beside : 'nothing';
    const code = racer === 'code' ? ((await codeNow(real, model)) ?? '000000') : '000000';
    const old = model.password;
    const { email } = model;
    const [answers] = await Promise.all([
      sendAtOnce(racer === 'itself' ? 2 : 1, (by) => by.post('/auth/reset-password', body), server),
      racer === 'password' &&
        sendAtOnce(1, (by) => by.post('/auth/sign-in/email', { email, password: old }), server),
      racer === 'code' && sendAtOnce(1, (by) => by.post('/auth/sign-in/code', { challenge, code }), server),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(once(answers.length, isOpen, 200, 404));
    // Whichever of them came first: nobody is in with the old password.
    if (isOpen) replacePassword(model, password);
  });

/** A request of somebody who is signed in, or was; 401 when they are not any more. */
const seated = (
  name: string,
  at: number,
  walk: (
    seat: SignInModel['seats'][number],
    model: SignInModel,
    real: SignInWorld,
  ) => Promise<{ path: string; body: object; status: number; times?: number; done?(body: unknown): void }>,
) =>
  step(`${name} in browser ${at}`, async (model, real) => {
    const seat = oneOf(model.seats, at);
    if (seat === undefined) return;
    const { path, body, status, times = 1, done } = await walk(seat, model, real);
    const send = async () => {
      const answer = await seat.browser.post(path, body);
      return { status: answer.status, body: (await answer.json()) as unknown };
    };
    const answers = await Promise.all(Array.from({ length: times }, send));
    const sorted = answers.toSorted((one, other) => one.status - other.status);
    if (!seat.isIn) {
      expect([name, ...sorted.map((each) => each.status)]).toEqual([name, ...answers.map(() => 401)]);
      return;
    }
    expect([name, sorted[0]?.status]).toEqual([name, status]);
    // What is good once is not good twice.
    if (status < 300) {
      expect([name, sorted.filter((each) => each.status < 300).length]).toEqual([name, 1]);
      done?.(sorted[0]?.body);
    }
  });

const changePassword = (at: number, isRight: boolean) =>
  seated(`change the password ${isRight ? 'rightly' : 'wrongly'}`, at, async (seat, model, real) => {
    const newPassword = `lamp of the number ${real.next()}`;
    return {
      path: '/auth/change-password',
      body: { currentPassword: isRight ? model.password : wrong, newPassword },
      status: isRight ? 200 : 422,
      done() {
        replacePassword(model, newPassword);
        seat.isIn = true;
        seat.provedAt = server.clock.now();
      },
    };
  });

const startCodes = (at: number) =>
  seated('start codes', at, async (_, model) => ({
    path: '/auth/totp/start',
    body: { password: model.password },
    status: model.codes.isOn ? 409 : 200,
    done(body) {
      const { secret } = body as { secret: string };
      model.codes = { isOn: false, secret, startedAt: server.clock.now() };
    },
  }));

const confirmCodes = (at: number, isRight: boolean, times: number) =>
  seated(`confirm codes ${isRight ? 'rightly' : 'wrongly'}`, at, async (_, model, real) => {
    const { isOn, startedAt } = model.codes;
    const isStarted =
      !isOn &&
      startedAt !== null &&
      Temporal.Instant.compare(startedAt.add({ hours: 1 }), server.clock.now()) >= 0;
    const code = isRight ? await codeNow(real, model) : null;
    return {
      path: '/auth/totp/confirm',
      body: { code: code ?? '000000' },
      status: !isStarted ? 409 : code === null ? 422 : 200,
      times,
      done(body) {
        model.codes.isOn = true;
        model.recovery = { left: (body as { recoveryCodes: string[] }).recoveryCodes, spent: [] };
      },
    };
  });

const withCode = (
  path: '/auth/totp/recovery-codes' | '/auth/totp/turn-off',
  at: number,
  kind: CodeKind,
  isRight: boolean,
) =>
  seated(
    `${path} with ${kind} and the password ${isRight ? 'rightly' : 'wrongly'}`,
    at,
    async (_, model, real) => {
      const { code, isRight: isCode, use } = await pickCode(model, real, kind);
      return {
        path,
        body: { password: isRight ? model.password : wrong, code },
        status: !isRight ? 422 : !model.codes.isOn ? 409 : isCode ? 200 : 422,
        done(body) {
          use();
          if (path === '/auth/totp/turn-off') {
            model.codes = { isOn: false, secret: null, startedAt: null };
            model.recovery = { left: [], spent: [] };
          } else {
            const spent = [...model.recovery.spent, ...model.recovery.left];
            model.recovery = { left: (body as { recoveryCodes: string[] }).recoveryCodes, spent };
          }
        },
      };
    },
  );

const stepUp = (at: number, kind: CodeKind | 'password', times: number) =>
  seated(`prove again with ${kind}`, at, async (seat, model, real) => {
    const proved = () => {
      seat.provedAt = server.clock.now();
    };
    const path = '/auth/step-up';
    if (kind === 'password') return { path, body: { password: model.password }, status: 200, done: proved };
    const { code, isRight, use } = await pickCode(model, real, kind);
    const taken = () => {
      use();
      proved();
    };
    return { path, body: { code }, status: isRight ? 200 : 422, times, done: taken };
  });

const isProved = ({ provedAt }: SignInModel['seats'][number]): boolean =>
  Temporal.Instant.compare(provedAt.add({ minutes: 15 }), server.clock.now()) > 0;

const addPasskey = (at: number) =>
  step(`add a passkey in browser ${at}`, async (model, real) => {
    const seat = oneOf(model.seats, at);
    if (seat === undefined) return;
    const asked = await seat.browser.post('/auth/passkeys/options', {});
    expect(asked.status).toBe(!seat.isIn ? 401 : isProved(seat) ? 200 : 403);
    if (asked.status !== 200) return;
    const authenticator = newAuthenticator(real);
    const passkey = authenticator.make((await asked.json()) as { challenge: string });
    const name = `Key ${real.next()}`;
    const answers = await Promise.all(
      [1, 2].map(() => seat.browser.post('/auth/passkeys', { name, passkey })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 422]);
    model.passkeys.push({ authenticator, isGone: false });
  });

/** A passkey is password and code in one; what it signed is good once. */
const enterPasskey = (at: number, times: number) =>
  step(`passkey ${at}, ${times} at once`, async (model, real) => {
    const key = oneOf(model.passkeys, at);
    if (key === undefined) return;
    const [asked] = await sendAtOnce(1, (by) => by.post('/auth/sign-in/passkey-options', {}), server);
    const passkey = key.authenticator.sign(asked?.body as { challenge: string });
    const answers = await sendAtOnce(times, (by) => by.post('/auth/sign-in/passkey', { passkey }), server);
    expect(answers.map(({ status }) => status)).toEqual(once(times, !key.isGone, 200, 422));
    model.signed.push(passkey);
    if (!key.isGone && answers[0] !== undefined) sitDown(real, model, answers[0].browser);
  });

const replayPasskey = (at: number) =>
  step(`what a passkey signed before, ${at}`, async (model) => {
    const passkey = oneOf(model.signed, at);
    if (passkey === undefined) return;
    const [answer] = await sendAtOnce(1, (by) => by.post('/auth/sign-in/passkey', { passkey }), server);
    expect(answer?.status).toBe(422);
  });

const askAddress = (at: number) =>
  step(`ask for another address in browser ${at}`, async (model, real) => {
    const seat = oneOf(model.seats, at);
    if (seat === undefined) return;
    const email = `moved${real.next()}-${model.email.replace(/^.*?(?=[^-]*-[^-]*-[^-]*-[^-]*-[^-]*@)/, '')}`;
    const answer = await seat.browser.post('/auth/mail-address', { email });
    if (answer.status === 429) return;
    expect(answer.status).toBe(!seat.isIn ? 401 : isProved(seat) ? 202 : 403);
    if (answer.status !== 202) return;
    const [secret = ''] = await secretsInMails(real, email, 'esmp');
    expect(secret).not.toBe('');
    for (const earlier of model.proofs) earlier.isGone = true;
    model.proofs.push({ secret, email, until: minutesFromNow(24 * 60), isGone: false });
  });

const confirmAddress = (at: number, times: number) =>
  step(`confirm address ${at}, ${times} at once`, async (model, real) => {
    const proof = oneOf(model.proofs, at);
    const isOpen = isGood(real, proof);
    const token = proof?.secret ?? 'made up';
    const answers = await sendAtOnce(times, (by) => by.post('/auth/confirm-mail', { token }), server);
    expect(answers.map(({ status }) => status)).toEqual(once(times, isOpen, 200, 404));
    if (!isOpen || proof === undefined) return;
    model.email = proof.email;
    for (const each of [...model.proofs, ...model.resets]) each.isGone = true;
  });

const signOut = (at: number) =>
  step(`sign out in browser ${at}`, async (model) => {
    const seat = oneOf(model.seats, at);
    if (seat === undefined) return;
    await seat.browser.post('/auth/sign-out', {});
    seat.isIn = false;
  });

/** Two operators take the second factors away, which comes a day later with the end of all sessions. */
const recover = step('a recovery by support', async (model, real) => {
  const [ola, ida] = operators as [StaffMember, StaffMember];
  const hasFactors = model.codes.isOn || model.passkeys.some(({ isGone }) => !isGone);
  if (!hasFactors) return;
  const [asks, approves] = [
    await signInAs(server.address, ola.email),
    await signInAs(server.address, ida.email),
  ];
  const { recovery } = await asks.client.call(askRecovery, {
    body: { kind: 'second-factors', email: model.email, reason: 'The phone is lost' },
  });
  await approves.client.call(approveRecovery, { params: { recoveryId: recovery.recoveryId } });
  server.clock.advance({ hours: 23 });
  await finishRecoveries(server.jobDependencies);
  await checkSessions(real, model);
  server.clock.advance({ hours: 1 });
  expect(await finishRecoveries(server.jobDependencies)).toEqual({ finished: 1 });
  model.codes = { isOn: false, secret: null, startedAt: null };
  model.recovery = { left: [], spent: [] };
  for (const each of [...model.passkeys, ...model.challenges]) each.isGone = true;
  for (const seat of model.seats) seat.isIn = false;
});

const wait = (minutes: number) =>
  step(`${minutes} minutes pass`, async () => {
    server.clock.advance({ minutes });
  });

const which = fc.nat(3);
const times = fc.constantFrom(1, 1, 2);
const right = fc.constantFrom(true, true, false);
const kind = fc.constantFrom<CodeKind>('app', 'app', 'recovery', 'spent', 'wrong');

const steps: fc.Arbitrary<Step>[] = [
  fc.constantFrom('now', 'now', 'now', 'earlier', 'wrong').map((given) => enterPassword(given as 'now')),
  fc.constant(enterPassword('now')),
  fc.tuple(which, kind, times).map((given) => enterCode(...given)),
  fc.tuple(fc.constant(newest), kind, times).map((given) => enterCode(...given)),
  fc.tuple(fc.constant(newest), kind, times).map((given) => enterCode(...given)),
  fc.tuple(fc.constant(newest), kind, times).map((given) => enterCode(...given)),
  fc.tuple(fc.constant(newest), kind, times).map((given) => enterCode(...given)),
  fc.constant(askReset),
  fc
    .tuple(which, fc.constantFrom('nothing', 'itself', 'password', 'code') as fc.Arbitrary<'nothing'>)
    .map((given) => useReset(...given)),
  fc.tuple(which, right).map((given) => changePassword(...given)),
  which.map(startCodes),
  fc.tuple(which, right, times).map((given) => confirmCodes(...given)),
  fc
    .tuple(
      fc.constantFrom('/auth/totp/recovery-codes' as const, '/auth/totp/turn-off' as const),
      which,
      kind,
      right,
    )
    .map((given) => withCode(...given)),
  fc.tuple(which, fc.oneof(kind, fc.constant('password' as const)), times).map((given) => stepUp(...given)),
  which.map(addPasskey),
  fc.tuple(which, times).map((given) => enterPasskey(...given)),
  which.map(replayPasskey),
  which.map(askAddress),
  fc.tuple(which, times).map((given) => confirmAddress(...given)),
  which.map(signOut),
  fc.constant(recover),
  fc.constantFrom(3, 20, 70).map(wait),
];

/** A beginning that every walk has, so that most of it is about somebody with codes and a passkey. */
const beginning = [enterPassword('now'), startCodes(0), confirmCodes(0, true, 1), addPasskey(0)];

const walkFrom = async (commands: Iterable<Step>) => {
  const { model, real } = await newWorld(server);
  for (const each of beginning) await each.run(model, real);
  await fc.asyncModelRun(() => ({ model, real }), commands);
  await checkSeats(model);
};

it('comes to a session by all factors alone, whatever is left out, done twice, swapped or done at once', async () => {
  // As many walks as these seconds hold (`WALK_SECONDS`), each to its end, and three in any case.
  const until = performance.now() + 1_000 * Number(process.env.WALK_SECONDS ?? 6);
  let walks = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 40, size: 'max' }), async (commands) => {
      if (walks >= 3 && performance.now() > until) return;
      await walkFrom(commands);
      walks += 1;
    }),
    { numRuns: 40, endOnFailure: true },
  );
  expect(walks).toBeGreaterThanOrEqual(3);
}, 120_000);
