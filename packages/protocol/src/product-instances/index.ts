export * from './create-token.ts';
export * from './get-product-instance.ts';
export * from './list-product-instances.ts';
export * from './list-tokens.ts';
export * from './remove-product-instance.ts';
export * from './revoke-token.ts';
export * from './shapes.ts';
export * from './transfer-product-instance.ts';
