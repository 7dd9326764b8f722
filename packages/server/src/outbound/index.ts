export { isInNetworks, isPublicAddress, type Network, readNetworks } from './addresses.ts';
export {
  type OutboundAnswer,
  OutboundError,
  type OutboundRequest,
  outboundFetch,
  reasonAgainstAddress,
} from './outbound-fetch.ts';
