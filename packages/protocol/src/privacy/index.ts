export * from './export-person-data.ts';
export * from './get-my-data.ts';
export * from './list-all-people.ts';
export * from './list-removals.ts';
export * from './remove-me.ts';
export * from './remove-person.ts';
export * from './shapes.ts';
