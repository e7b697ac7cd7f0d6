// A siyu of the tests' own, which they may kill: same folder, same address after the restart.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const EMAIL = 'clients@siyu.example';
const PASSWORD = 'siyu-clients-2026';

async function freePort() {
  const listener = createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  return port;
}

export async function until(what, holds, seconds = 30) {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await holds();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function ownServer() {
  const program = process.env.CLIENTS_PROGRAM;
  if (!program) throw new Error('CLIENTS_PROGRAM is not set: run these tests with cargo xtask test --only clients');
  const data = mkdtempSync(join(tmpdir(), 'siyu-clients-'));
  const listen = `127.0.0.1:${await freePort()}`;
  // Settings of the shared server are none of this one's.
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('SIYU_'));
  const env = {
    ...Object.fromEntries(others),
    SIYU_DATA: data,
    SIYU_LISTEN: listen,
    SIYU_LIMITS_REQUESTS_PER_SECOND: '100000',
  };
  const words = ['user', 'add', '--email', EMAIL, '--name', 'Clients', '--password', PASSWORD, '--role', 'owner'];
  const added = spawnSync(program, words, { env, encoding: 'utf8' });
  if (added.status !== 0) throw new Error(`make the account: ${added.stderr}`);

  let child;
  async function start() {
    const log = openSync(join(data, 'server.log'), 'a');
    child = spawn(program, ['serve'], { env, stdio: ['ignore', log, log] });
    await until('the server answers', async () => {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
      return fetch(`http://${listen}/healthz`).then((reply) => reply.ok, () => false);
    });
  }
  /** Without a chance to tidy up. */
  async function kill() {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await start();
  return {
    url: `http://${listen}`,
    email: EMAIL,
    password: PASSWORD,
    start,
    kill,
    async remove() {
      await kill();
      rmSync(data, { recursive: true });
    },
  };
}
