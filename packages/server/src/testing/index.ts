export { describeFinding, examine, type Finding } from '../doctor/index.ts';
export { dropDatabase } from './drop-database.ts';
export { fingerprintOf } from './fingerprint.ts';
export { checkLedgerLaws } from './ledger-laws.ts';
export { linkIn, type MailServer, type ReceivedMail, startMailServer } from './mail-server.ts';
export { refusal } from './refusal.ts';
export { backUpServer, type RestoredServer, restoreInPlaceOf } from './restored-server.ts';
export { type SecondServer, startSecondServer } from './second-server.ts';
export { type Delivery, deliver, type SeededCatalog, seedCatalog, tagOf } from './seed-catalog.ts';
export { createTestAuthenticator, type TestAuthenticator } from './test-authenticator.ts';
export { createBrowser, type TestBrowser } from './test-browser.ts';
export { createEmptyDatabase, openTestDatabase, type TestDatabase } from './test-database.ts';
export {
  answerOf,
  codeOf,
  type DeviceReply,
  fetchTrust,
  messageIdOf,
  type TestDevice,
  testDevice,
} from './test-device.ts';
export {
  type SeededAccount,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from './test-server.ts';
export { changeUse, type UsingInstance, useLicenses } from './use-licenses.ts';
export { type ReceivedWebhook, startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';
