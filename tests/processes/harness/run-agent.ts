/**
 * A product whose use grows for ever, as fast as its agent allows. Arguments: folder, server, serial number, token, tag,
 * and `once` to settle what is stored and end. Prints `durable N` once the agent said that a count is durable, and
 * `told N` once the server knows it.
 */
import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createAgent } from '@estover/agent';

const [folder = '', serverUrl = '', serialNumber = '', token = '', tag = '', once] = process.argv.slice(2);
const agent = await createAgent({ folder, serverUrl, identity: { productId: 'RT-100', serialNumber } });
// Written at once, so that a line means what it says even when the process dies next.
const say = (what: string, count: number) => writeSync(1, `${what} ${count}\n`);
const inUse = () => agent.status().licenses.find((license) => license.tag === tag)?.count ?? 0;

while (agent.status().registration.state !== 'registered') {
  // A registration that was begun goes on; asking again would be another one.
  const { state } = agent.status().registration;
  if (state === 'unregistered') await agent.register(token);
  else await agent.settle();
  await wait(20);
}
for (let count = inUse() + 1; once === undefined; count += 1) {
  await agent.request(tag, count);
  say('durable', count);
  const { done } = await agent.settle();
  if (done) say('told', count);
}
for (;;) {
  const { done } = await agent.settle();
  if (done) break;
  await wait(50);
}
say('told', inUse());
await agent.stop();
