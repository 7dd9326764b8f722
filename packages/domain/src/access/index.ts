export * from './groups.ts';
export * from './invitation-rows.ts';
export * from './leaving.ts';
export * from './password.ts';
export * from './policy.ts';
export * from './reach.ts';
export * from './recent-proof.ts';
export * from './roles.ts';
