export { type Delivery, deliver, type SeededCatalog, seedCatalog, tagOf } from './seed-catalog.ts';
export { openTestDatabase, type TestDatabase } from './test-database.ts';
export { startTestServer, type TestServer, type TestServerOptions } from './test-server.ts';
