// customer360 itself: its demo on a free port of loopback, as people start it.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Starts the binary, and answers once it has read its sources. */
export async function start(binary) {
  const dir = mkdtempSync(join(tmpdir(), 'c360federation-'));
  const ready = join(dir, 'ready.json');
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', dir, '--ready-file', ready], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  for (let i = 0; i < 600 && child.exitCode === null && !existsSync(ready); i++) await wait(100);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  if (!existsSync(ready)) {
    await stop();
    throw new Error(`customer360 did not start: ${said}`);
  }
  await wait(50); // the file is written at once, but not in one piece
  return { url: JSON.parse(readFileSync(ready, 'utf8')).graphql, stop };
}

/** Asks GraphQL over HTTP as a role of the demo, for a purpose. */
export async function ask(url, query, { role = 'support-agent', purpose = 'support.case', variables } = {}) {
  const headers = { 'content-type': 'application/json' };
  if (role) headers.authorization = `Bearer demo-${role}`;
  if (purpose) headers['x-purpose'] = purpose;
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return { status: answer.status, ...(await answer.json()) };
}
