export { type Delivery, deposit } from './deposit.ts';
export { type Ledger, type PoolKey, poolText } from './ledger.ts';
export { licenseRefused } from './license-refused.ts';
export { licensesOfTags, type TaggedLicense } from './licenses-of-tags.ts';
export { moveEverything } from './move-everything.ts';
export { poolStates } from './pool-states.ts';
export { type PoolState, rejudgePools } from './pools-store.ts';
export { recordUse, type UseChange } from './record-use.ts';
