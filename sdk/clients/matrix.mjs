// Every real client through every case: what was sent, what is stored, whose it is, when it was.
import { faultyProxy } from './faults.mjs';
import { until } from './running.mjs';
import { signIn, writeKey } from './server.mjs';

/** Calls that record an event, in every case alike: one before the log-in, then the
 * fault begins, two in its midst, and one when it is over. */
const STEPS = ['a1', 'b1', 'b2', 'b3'];
/** A time that differs by less is right. */
const TIME_MILLIS = 60_000;
/** How far a wrong clock is ahead. */
const WRONG_CLOCK_MILLIS = 2 * 60 * 60 * 1000;
const PATIENCE_SECONDS = 60;

export const CASES = [
  { name: 'normal', title: 'normal' },
  { name: 'offline', title: 'offline, then online' },
  { name: 'killed', title: 'server killed, restarted' },
  { name: 'busy', title: '503 for a while' },
  { name: 'twice', title: 'every request twice' },
  { name: 'clock', title: 'clock 2 h ahead' },
];

/** Begins the fault of a case; answers with what ends it. */
async function fault({ name }, client, proxy, server) {
  switch (name) {
    case 'offline':
      if (client.offline) {
        await client.offline(true);
        return () => client.offline(false);
      }
      proxy.way = 'cut';
      return () => (proxy.way = 'pass');
    case 'killed':
      await server.kill();
      return server.start;
    case 'busy':
      proxy.way = 'busy';
      return () => (proxy.way = 'pass');
    default:
      return null;
  }
}

/** Runs one client through one case and answers with the four figures of its cell. */
export async function run(client, testCase, server) {
  const api = await signIn(server);
  const key = await writeKey(api, `${client.name} ${testCase.name}`.slice(0, 80));
  const proxy = await faultyProxy(server.url);
  const event = `seen_${key.slice(-10)}`.replace(/[^a-z0-9_]/gi, '_').toLowerCase();
  const login = `login_${key.slice(-10)}`;
  const offset = testCase.name === 'clock' ? WRONG_CLOCK_MILLIS : 0;
  if (testCase.name === 'twice') proxy.way = 'twice';
  const running = await client.open({ url: proxy.url, key, offset });
  const times = new Map();
  const track = async (step) => {
    times.set(step, Date.now());
    await running.track(event, step);
  };
  try {
    await track('a1');
    await running.login(login);
    await running.flush();
    await until('the first event', async () => (await stored(api, event)) >= 1);
    const before = proxy.tried + running.failed();
    const end = await fault(testCase, running, proxy, server);
    await track('b1');
    await track('b2');
    await running.flush();
    if (end && !(testCase.name === 'offline' && client.waitsOffline)) {
      await until('a try in vain', () => proxy.tried + running.failed() - before >= client.tries, PATIENCE_SECONDS);
    }
    await end?.();
    await track('b3');
    await running.flush();
    await settled(client, testCase, running, api, event, login);
  } finally {
    await running.stop();
    await applied(server, api, key);
    proxy.close();
  }
  return measure(api, event, login, times);
}

/** Waits until all is there, or until nothing more can come. */
async function settled(client, testCase, running, api, event, login) {
  const gone = client.gone.includes(testCase.name);
  await until('the events', async () => {
    if ((await stored(api, event)) >= STEPS.length) return true;
    if (!gone) return false;
    return (await running.dead()) || (await eventsOf(api, login, event)).some((item) => item.props.step === 'b3');
  }, PATIENCE_SECONDS);
}

async function stored(api, event) {
  const { items } = await api.get('/events/names');
  return items.find((item) => item.name === event)?.count ?? 0;
}

async function eventsOf(api, login, event) {
  const { items } = await api.get(`/people?query=${encodeURIComponent(login)}`);
  if (items.length !== 1) return [];
  const found = await api.get(`/people/${items[0].person}/events`);
  return found.items.filter((item) => item.event === event);
}

/** What was accepted before is applied before this marker, which goes past the proxy. */
async function applied(server, api, key) {
  const event = `marker_${key.slice(-10)}`.replace(/[^a-z0-9_]/gi, '_').toLowerCase();
  const body = JSON.stringify({ batch: [{ type: 'track', event, device: `marker-${key.slice(-10)}` }] });
  const reply = await fetch(`${server.url}/api/v1/collect?key=${key}`, { method: 'POST', body });
  if (!reply.ok) throw new Error(`the marker: ${reply.status}`);
  await until('the marker', async () => (await stored(api, event)) === 1);
}

async function measure(api, event, login, times) {
  const whose = await eventsOf(api, login, event);
  const inTime = whose.filter((item) => {
    const at = typeof item.time === 'number' ? item.time : Date.parse(item.time);
    return Math.abs(at - times.get(item.props.step)) < TIME_MILLIS;
  });
  return { sent: STEPS.length, stored: await stored(api, event), person: whose.length, time: inTime.length };
}
