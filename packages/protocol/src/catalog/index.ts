export * from './create-license.ts';
export * from './create-product.ts';
export * from './create-substitution.ts';
export * from './list-licenses.ts';
export * from './list-products.ts';
export * from './list-substitutions.ts';
export * from './shapes.ts';
