/**
 * Mistakes that were thought of beforehand, to be put into the product for the length of one process: each takes out one
 * protection. A simulated world that lives with one of them and finds nothing wrong is not strong enough.
 */
export interface KnownBug {
  name: string;
  /** What goes wrong with it. */
  what: string;
  /** A file of the product, below `packages`. */
  file: string;
  /** Text that is in the file once, and what stands there instead. */
  find: string;
  replace: string;
  /** Virtual days that a world needs at least to come to it. */
  days?: number;
}

export const knownBugs: readonly KnownBug[] = [
  {
    name: 'idempotency-key-forgotten',
    what: 'a request that is repeated with its Idempotency-Key is done again',
    file: 'server/src/edge/serve.ts',
    find: 'if (key === null || operation.repeats) return { ...(await change(context)), replayed: false };',
    replace: 'return { ...(await change(context)), replayed: false };',
  },
  {
    name: 'dry-run-kept',
    what: 'a dry run changes what it only looks at',
    file: 'server/src/edge/serve.ts',
    find: '  if (dryRun) {',
    replace: '  if (key === null && dryRun) {',
  },
  {
    name: 'message-forgotten',
    what: 'a report that is repeated is decided again instead of answered again',
    file: 'server/src/product-instances/authorize-instances.ts',
    find: 'if (stored !== undefined) {',
    replace: 'if (stored !== undefined && stored.messageId === undefined) {',
  },
  {
    name: 'sequence-unchecked',
    what: 'a sequence number that goes back, of a clone or a restored disk, is noticed by nobody',
    file: 'domain/src/product-instances/sequence.ts',
    find: 'if (sequence > lastSequence) return',
    replace: 'if (sequence > 0) return',
  },
  {
    name: 'certificate-cut-off',
    what: 'a renewal ends the certificate before it at once, so that a lost answer locks the instance out',
    file: 'server/src/product-instances/instance-certificates-store.ts',
    find: '.$if(signedBy === key.certificateSerial, (update) =>',
    replace: ".$if(signedBy === '', (update) =>",
  },
  {
    name: 'token-uncounted',
    what: 'a use of a token is not counted',
    file: 'server/src/product-instances/tokens-store.ts',
    find: 'set uses = t.uses + n.count,',
    replace: 'set uses = t.uses,',
  },
  {
    name: 'token-not-revoked',
    what: 'a token that was revoked goes on registering',
    file: 'domain/src/product-instances/tokens.ts',
    find: "if (token.revokedAt !== null) return 'revoked';",
    replace: '',
  },
  {
    name: 'pool-forgotten-on-removal',
    what: 'what a removed instance used stays in use in its pool',
    file: 'server/src/product-instances/end-instances.ts',
    find: ': [{ accountId, instanceId, virtualAccountId, licenseId, from: count, to: 0, reason: state }],',
    replace: ': [],',
  },
  {
    name: 'use-doubled-on-transfer',
    what: 'an instance that moves is counted in both virtual accounts',
    file: 'server/src/product-instances/move-use.ts',
    find: '{ ...change, virtualAccountId, from: count, to: 0 },',
    replace: '',
  },
  {
    name: 'alert-lost',
    what: 'a pool falls out of compliance and nobody is alerted',
    file: 'server/src/licenses/pools-store.ts',
    find: '  await alertAboutPools(ledger, changed);',
    replace: '',
  },
  {
    name: 'pools-without-lock',
    what: 'changes of one pool at once overwrite each other',
    file: 'server/src/licenses/pools-store.ts',
    find: '       for update of p`',
    replace: '`',
  },
  {
    name: 'holdings-without-lock',
    what: 'transfers at once decide on units that another one takes',
    file: 'server/src/licenses/licenses-store.ts',
    find: '       for update of h`',
    replace: '`',
  },
  {
    name: 'locks-out-of-order',
    what: 'crossing transfers lock in any order and wait for each other',
    file: 'server/src/licenses/licenses-store.ts',
    find: '     order by h.account_id, h.virtual_account_id, h.lot_id, h.state\n       for update of h`',
    replace: '     order by md5(h.lot_id::text || pg_backend_pid()::text)\n       for update of h`',
  },
  {
    name: 'undo-twice',
    what: 'a transfer is undone again and again',
    file: 'domain/src/licenses/movements/undo-transfer.ts',
    find: "if (undoneBy !== null) return refuse('already-undone', { movementId, undoneBy });",
    replace: '',
  },
  {
    name: 'term-end-off-by-one',
    what: 'a term that ends at noon still lasts at noon',
    file: 'server/src/licenses/terms-store.ts',
    find: 'where l.turns_at <=',
    replace: 'where l.turns_at <',
  },
  {
    name: 'term-end-ignored',
    what: 'units whose term is over are transferred until the job has come',
    file: 'domain/src/licenses/take-lines.ts',
    find: "const over = holding.state === 'available' &&",
    replace: "const over = holding.state === 'held' &&",
  },
  {
    name: 'loan-rounded-down',
    what: 'a broken unit of an upper license covers units of a lower one',
    file: 'domain/src/licenses/substitution.ts',
    find: '(BigInt(lowerUnits) * upperQuantity + lowerQuantity - 1n) / lowerQuantity',
    replace: '(BigInt(lowerUnits) * upperQuantity) / lowerQuantity',
  },
  {
    name: 'silence-keeps-use',
    what: 'an instance that was silent for 90 days goes on using',
    file: 'server/src/product-instances/authorization-expiry-job.ts',
    find: 'licenseId === null || count === 0',
    replace: 'licenseId === null || count >= 0',
    days: 125,
  },
];
