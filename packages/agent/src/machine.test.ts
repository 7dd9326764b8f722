import { authorizationStates, registrationStates } from '@estover/domain/product-instances';
import { describe, expect, it } from 'vitest';
import {
  authorizationEvents,
  authorizationTable,
  type RegistrationAction,
  registrationEvents,
  registrationTable,
} from './machine.ts';

/** Rules of registered mode (seed 001) that must hold whatever the tables look like. */
describe('the registration table', () => {
  const cells = registrationStates.flatMap((state) =>
    registrationEvents.map((event) => ({ state, event, cell: registrationTable[state][event] })),
  );

  it('has nothing beside the states and events', () => {
    expect(Object.keys(registrationTable).sort()).toEqual([...registrationStates].sort());
    for (const row of Object.values(registrationTable)) {
      expect(Object.keys(row).sort()).toEqual([...registrationEvents].sort());
    }
  });

  it('gets registered only by an answer, and out of it always drops the identity', () => {
    for (const { state, event, cell } of cells) {
      if ('refuse' in cell || cell.to === undefined) continue;
      if (cell.to === 'registered') expect(event).toBe('registration-answered');
      if (state === 'registered' && cell.to !== 'registered') expect(cell.do).toContain('drop-identity');
    }
  });

  it('talks to the server as itself only while registered', () => {
    const asItself: RegistrationAction[] = ['ask-authorization', 'ask-renewal', 'ask-deregistration'];
    for (const { state, cell } of cells) {
      if ('refuse' in cell || state === 'registered') continue;
      for (const action of asItself) expect(cell.do).not.toContain(action);
    }
  });

  it('never becomes unidentified again, and refuses only what a person asked for', () => {
    for (const { event, cell } of cells) {
      if ('refuse' in cell)
        expect(['register-asked', 'register-forced', 'deregister-asked']).toContain(event);
      else expect(cell.to).not.toBe('unidentified');
    }
  });

  it('leads from every state to registered', () => {
    const reached = new Set(['registered']);
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      for (const { state, cell } of cells) {
        if (!('refuse' in cell) && cell.to !== undefined && reached.has(cell.to)) reached.add(state);
      }
    }
    expect(reached).toEqual(new Set(registrationStates));
  });
});

describe('the authorization table', () => {
  it('takes the server’s answer from every state', () => {
    for (const state of authorizationStates) {
      expect(authorizationTable[state]['answered-authorized']).toMatchObject({ to: 'authorized' });
      expect(authorizationTable[state]['answered-out-of-compliance']).toMatchObject({
        to: 'out-of-compliance',
      });
      expect(authorizationTable[state]['answered-no-licenses-in-use']).toMatchObject({
        to: 'no-licenses-in-use',
      });
    }
  });

  it('comes to evaluation and its end only without a server’s answer', () => {
    for (const state of authorizationStates) {
      for (const event of authorizationEvents) {
        const cell = authorizationTable[state][event];
        if ('refuse' in cell) throw new Error('authorization refuses nothing');
        if (cell.to === 'evaluation') expect(['use-started', 'registration-lost']).toContain(event);
        if (cell.to === 'evaluation-expired') expect(event).toBe('evaluation-used-up');
        if (cell.to === 'authorization-expired') expect(event).toBe('deadline-passed');
      }
    }
  });

  it('keeps nothing of a lost registration', () => {
    for (const state of authorizationStates) {
      const cell = authorizationTable[state]['registration-lost'];
      const next = 'refuse' in cell ? state : (cell.to ?? state);
      expect(['evaluation', 'evaluation-expired', 'no-licenses-in-use']).toContain(next);
    }
  });
});
