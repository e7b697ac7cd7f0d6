// The table client × case of docs/compatibility.md: measured here, written here. A table
// that differs from the committed one fails the test, so that nobody overlooks it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { PAGES } from '../drivers/pages.mjs';
import { PROGRAMS } from '../drivers/programs.mjs';
import { CASES, run } from '../matrix.mjs';
import { ownServer } from '../running.mjs';

const file = new URL('../../../docs/compatibility.md', import.meta.url);
const BEGIN = '<!-- written by sdk/clients/test/table.test.mjs: begin -->';
const END = '<!-- end -->';
/** For work on one client: its name, or a part of it. The table is not written then. */
const only = process.env.CLIENTS_ONLY;

const clients = [...PAGES, ...PROGRAMS].filter((client) => !only || client.name.includes(only));
const cells = new Map();
let server;

before(async () => {
  server = await ownServer();
});
after(() => server?.remove());

for (const client of clients) {
  for (const testCase of CASES) {
    test(`${client.name}: ${testCase.name}`, async () => {
      const cell = await run(client, testCase, server);
      cells.set(`${client.name} ${testCase.name}`, cell);
      if (only) console.log(client.name, testCase.name, cell);
      assert.ok(cell.stored <= cell.sent, 'nothing counts twice');
      assert.equal(cell.person, cell.stored, 'all of it is the right person\'s');
      if (!client.gone.includes(testCase.name)) assert.equal(cell.stored, cell.sent, 'nothing is lost');
    });
  }
}

const shown = ({ sent, stored, person, time }) => `${sent} → ${stored} · ${person} · ${time}`;

/** The committed figure of a client and a case, if there is one. */
function known(committed, client, at) {
  const row = committed.split('\n').find((line) => line.startsWith(`| ${client.name} |`));
  return row?.split('|')[at + 2]?.trim();
}

/** How many a client loses that gives up by its own design depends on the moment at which the fault
 * ends: any loss is the same finding as the committed one, nothing lost or another client's loss is not. */
function figure(client, name, cell, before) {
  const lost = /^(\d+) → (\d+) /.exec(before ?? '');
  const same = lost && Number(lost[1]) === cell.sent && Number(lost[2]) < cell.sent && cell.stored < cell.sent;
  return client.gone.includes(name) && same ? before : shown(cell);
}

function table(committed) {
  const rows = clients.map((client) => {
    const figures = CASES.map(({ name }, at) => {
      const cell = cells.get(`${client.name} ${name}`);
      assert.ok(cell, `${client.name}: ${name} could not be measured`);
      return figure(client, name, cell, known(committed, client, at));
    });
    return `| ${client.name} | ${figures.join(' | ')} |`;
  });
  const head = `| sent → stored · right person · right time | ${CASES.map(({ title }) => title).join(' | ')} |`;
  return [head, `|---|${CASES.map(() => '---').join('|')}|`, ...rows].join('\n');
}

test('the committed table is what was measured', { skip: Boolean(only) }, () => {
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  assert.ok(from >= BEGIN.length && to > from, 'docs/compatibility.md has a place for the table');
  const committed = text.slice(from, to).trim();
  const measured = table(committed);
  if (committed !== measured) {
    writeFileSync(file, `${text.slice(0, from)}\n\n${measured}\n\n${text.slice(to)}`);
  }
  assert.equal(measured, committed, 'docs/compatibility.md was written anew: look at it and commit it');
});
