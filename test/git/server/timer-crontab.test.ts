import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { installTimer, usableTimer } from '../../../agent/install/timer';
import { runCommand } from '../../../agent/machine/command';
import { labFolder } from '../../lab/folder';

/**
 * Stands in for crontab(1): a file, and the words that Debian's prints. A denied account has the file `denied` there.
 */
const crontab = `#!/bin/sh
cd "\${0%/*}/spool" || exit 1
if [ -e denied ]; then echo "You (git) are not allowed to use this program (crontab)" >&2; exit 1; fi
case $1 in
  -l) if [ -e tab ]; then cat tab; else echo "no crontab for git" >&2; exit 1; fi ;;
  -r) rm tab ;;
  -) cat >tab; echo written >>log ;;
esac
`;

interface Spool {
  readonly agent: string;
  readonly tab: string;
  readonly denied: string;
  /** How often it was written. */
  readonly writes: () => number;
}

async function start(t: TestContext): Promise<Spool> {
  const lab = labFolder();
  const bin = path.join(lab.path, 'bin');
  const at = (name: string): string => path.join(bin, 'spool', name);
  fs.mkdirSync(path.join(bin, 'spool'), { recursive: true });
  fs.writeFileSync(path.join(bin, 'crontab'), crontab, { mode: 0o755 });
  const before = process.env['PATH'];
  process.env['PATH'] = `${bin}:${before ?? ''}`;
  t.after(async () => {
    process.env['PATH'] = before;
    await lab.close();
  });
  return {
    agent: path.join(lab.path, 'agent'),
    tab: at('tab'),
    denied: at('denied'),
    writes: () => (fs.existsSync(at('log')) ? fs.readFileSync(at('log'), 'utf8').split('\n').length - 1 : 0),
  };
}

test('the crontab is as before once the timer is taken away, also when there was none', async (t) => {
  const { agent, tab, writes } = await start(t);
  assert.equal(await installTimer(agent, 'cron'), 'cron');
  assert.match(fs.readFileSync(tab, 'utf8'), /^(\* \* \* \* \*|@reboot) .*agent\.cjs watch/m);
  await installTimer(agent, 'none');
  assert.equal(fs.existsSync(tab), false);
  const bytes = Buffer.from('MAILTO=gr\xfc\xdf\n\n5 4 * * * backup\n', 'latin1');
  fs.writeFileSync(tab, bytes);
  await installTimer(agent, 'cron');
  await installTimer(agent, 'cron');
  assert.equal(writes(), 2, 'doing it twice writes once');
  await installTimer(agent, 'none');
  assert.deepEqual(fs.readFileSync(tab), bytes);
});

test('an account that may not use crontab is told so, and its crontab is not touched', async (t) => {
  const { agent, tab, denied } = await start(t);
  fs.writeFileSync(tab, 'theirs\n');
  fs.writeFileSync(denied, '');
  await assert.rejects(installTimer(agent, 'cron'), /crontab does not work for this account/);
  assert.notEqual(await usableTimer(runCommand), 'cron');
  assert.equal(await installTimer(agent, 'none'), 'none');
  assert.equal(fs.readFileSync(tab, 'utf8'), 'theirs\n');
});

test(
  'systemd is not claimed where it does not run',
  { skip: fs.existsSync('/run/systemd/system') ? 'systemd runs here' : false },
  async (t) => {
    const { agent } = await start(t);
    await assert.rejects(installTimer(agent, 'systemd'), /systemd/);
    assert.notEqual(await usableTimer(runCommand), 'systemd');
  },
);
