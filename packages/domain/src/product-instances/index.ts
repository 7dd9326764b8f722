export * from './admit.ts';
export * from './display-name.ts';
export * from './register.ts';
export * from './report-use.ts';
export * from './sequence.ts';
export * from './states.ts';
export * from './timers.ts';
export * from './tokens.ts';
