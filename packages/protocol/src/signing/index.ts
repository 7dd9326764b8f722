export * from './certificate-request.ts';
export * from './certificates.ts';
export * from './document.ts';
export * from './identity-certificate.ts';
export * from './keys.ts';
export { parseStrictJson } from './strict-json.ts';
