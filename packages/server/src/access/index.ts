export { type Admitted, admitPerson } from './admit-person.ts';
export { insertGrant, type StoredGrant } from './grants-store.ts';
