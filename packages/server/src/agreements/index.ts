export { tellOfAgreements, tellOfOpenAgreements } from './agreement-notices-job.ts';
export { newestVersions } from './agreements-store.ts';
export { acceptAll, requireNewest } from './first-acceptances.ts';
export { closedAccounts, requireAgreements } from './gate.ts';
