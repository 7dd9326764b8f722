export { type DeviceEdgeDependencies, deviceEdge } from './device-edge.ts';
