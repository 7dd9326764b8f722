export * from './register.ts';
export * from './sequence.ts';
export * from './states.ts';
export * from './timers.ts';
export * from './tokens.ts';
