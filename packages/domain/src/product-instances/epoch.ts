/**
 * What the epoch an instance names says of the installation: `same`; `restored`, a backup was restored since the
 * instance was last answered, so the server may know less of it than it told; `behind`, the instance was answered in an
 * epoch that this installation never had, so its data was set back without a restore.
 *
 * @param seen the epoch of the last answer the instance had; undefined when it names none, which counts as the same
 */
export function compareEpochs(seen: number | undefined, epoch: number): 'same' | 'restored' | 'behind' {
  if (seen === undefined || seen === epoch) return 'same';
  return seen < epoch ? 'restored' : 'behind';
}
