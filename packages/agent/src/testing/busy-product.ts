/**
 * A product that changes its use for ever, as fast as it can; the crash test kills it anywhere. Arguments: folder, server.
 * Prints each count after the agent said that it is durable.
 */
import { writeSync } from 'node:fs';
import { createAgent } from '../agent.ts';

const [folder = '', serverUrl = '', token = '', first = '1'] = process.argv.slice(2);
const identity = { productId: 'RT-100', serialNumber: 'SN0001' };
const agent = await createAgent({ folder, serverUrl, identity });
if (agent.status().registration.state === 'unregistered') await agent.register(token);
for (let count = Number(first); ; count += 1) {
  await agent.request('A', count);
  // Written at once, so that a line means durable even when the process dies next.
  writeSync(1, `${count}\n`);
  await agent.settle();
}
