// Segment's client for servers, told what to do by lines on its input.
import { createInterface } from 'node:readline';

const [url, writeKey, offset] = process.argv.slice(2);
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...words) {
    if (words.length === 0) super(Real.now() + Number(offset));
    else super(...words);
  }
  static now() {
    return Real.now() + Number(offset);
  }
};

const { Analytics } = await import('@segment/analytics-node');
const analytics = new Analytics({ writeKey, host: url, flushInterval: 200 });
analytics.on('error', () => {});
const device = `node-${writeKey.slice(-12)}`;
let userId;

const orders = {
  track: ({ event, step }) => analytics.track({ anonymousId: device, userId, event, properties: { step } }),
  login: ({ id }) => {
    userId = id;
    analytics.identify({ anonymousId: device, userId, traits: { city: '上海' } });
  },
  flush: () => {},
  alive: () => ({ alive: true }),
};
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  console.log(`#${JSON.stringify(orders[order.do](order) ?? {})}`);
}
await analytics.closeAndFlush({ timeout: 2000 });
process.exit(0);
