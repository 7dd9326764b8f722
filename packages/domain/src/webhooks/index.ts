export * from './endpoint.ts';
export * from './tries.ts';
