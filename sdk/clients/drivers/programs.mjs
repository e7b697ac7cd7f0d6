// Clients that run in programs: each is a process of its own, told what to do line by line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

function program(command, words) {
  return async ({ url, key, offset }) => {
    const child = spawn(command(), [...words, url, key, String(offset)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    let failed = 0;
    /** Answers what the client reports; an error it raises to its caller counts as a failed try. */
    async function tell(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`the client ended while it was told ${JSON.stringify(order)}`);
        // The debug sender prints for people; our own lines are marked.
        if (!value.startsWith('#')) continue;
        const answer = JSON.parse(value.slice(1));
        if (answer.raised) failed += 1;
        return answer;
      }
    }
    return {
      track: (event, step) => tell({ do: 'track', event, step }),
      login: (id) => tell({ do: 'login', id }),
      flush: () => tell({ do: 'flush' }),
      failed: () => failed,
      dead: async () => (await tell({ do: 'alive' })).alive === false,
      stop: async () => {
        child.stdin.end();
        if (child.exitCode === null) await once(child, 'exit');
      },
    };
  };
}

function python(sender) {
  const interpreter = () => {
    const path = process.env.CLIENTS_PYTHON;
    if (!path) throw new Error('CLIENTS_PYTHON is not set: run these tests with cargo xtask test --only clients');
    return path;
  };
  return program(interpreter, [here('sensors_client.py'), sender]);
}

const PYTHON = 'SensorsAnalyticsSDK 1.11.0, Python';

export const PROGRAMS = [
  { name: `${PYTHON}: Default`, open: python('Default'), tries: 2, gone: ['offline', 'killed', 'busy'] },
  { name: `${PYTHON}: Batch`, open: python('Batch'), tries: 1, gone: [] },
  { name: `${PYTHON}: AsyncBatch`, open: python('AsyncBatch'), tries: 1, gone: ['offline', 'killed', 'busy'] },
  { name: `${PYTHON}: Debug`, open: python('Debug'), tries: 2, gone: ['offline', 'killed', 'busy'] },
  {
    name: '@segment/analytics-node 3.1.0, Node',
    open: program(() => process.execPath, [here('segment_client.mjs')]),
    tries: 1,
    gone: [],
  },
];
