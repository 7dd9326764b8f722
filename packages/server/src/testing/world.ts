/** The parts of a server for a simulated world, which puts them together itself and outside of the test runner. */
export { insertApiKey, newApiKeySecret } from '../access/api-keys-store.ts';
export { createApp } from '../app.ts';
export { type OpenDatabase, openDatabase } from '../database/database.ts';
export { startEmbeddedDatabase } from '../database/embedded/index.ts';
export { migrate } from '../database/migrate.ts';
export { createSeal, loadInstallation, type Seal } from '../installation/index.ts';
export { runAllJobs } from '../jobs/index.ts';
export { keepingMailer } from '../notifications/index.ts';
export { silentWebhooks } from '../webhooks/index.ts';
export { dropDatabase } from './drop-database.ts';
export { checkLedgerLaws } from './ledger-laws.ts';
