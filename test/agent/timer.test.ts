import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../property';
import { printServe, printService } from '../../agent/install/systemd';
import { withLines, withoutLines } from '../../agent/install/timer';

const folder = '/home/git/.git-handover';

test('our lines stand above all others, so that settings below them are not ours', () => {
  const others = 'SHELL=/bin/fish\nMAILTO=root\n5 4 * * * backup # git-handover is not this\n';
  const [first = '', second = '', ...rest] = withLines(others, folder, '/usr/bin/node', '/opt/git/bin:/usr/bin').split(
    '\n',
  );
  assert.equal(
    first,
    '* * * * * PATH=/opt/git/bin:/usr/bin /usr/bin/node /home/git/.git-handover/agent.cjs watch >/dev/null 2>&1 # git-handover /home/git/.git-handover',
  );
  assert.equal(
    second,
    '@reboot PATH=/opt/git/bin:/usr/bin /usr/bin/node /home/git/.git-handover/agent.cjs watch >/dev/null 2>&1 # git-handover /home/git/.git-handover',
  );
  assert.equal(rest.join('\n'), others);
});

test('whatever a crontab holds, installing twice is installing once, and removing gives every byte back', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constant('\r'),
    fc.constant('# git-handover'),
    fc.constant('# git-handover /home/git/.git-handover2'),
    fc.constant('%\t "\''),
  );
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), (lines, whole) => {
      const before = lines.join('\n') + (whole ? '\n' : '');
      const once = withLines(before, folder);
      assert.equal(withLines(once, folder), once);
      assert.equal(withoutLines(once, folder), before);
    }),
  );
});

test('two agents in one account keep their own lines', () => {
  const both = withLines(withLines('', '/srv/a'), '/srv/b');
  assert.equal(withoutLines(both, '/srv/b'), withLines('', '/srv/a'));
});

test('a node whose path has a space or a percent sign is one word for cron and for systemd', () => {
  assert.match(withLines('', folder, "/opt/no de/100%'s", ''), /^\* \* \* \* \* '\/opt\/no de\/100\\%'\\''s' \/home/);
  assert.match(
    printService(folder, '/opt/no de/100%$x', '/a "b"/%:/bin'),
    /^Environment="PATH=\/a \\"b\\"\/%%:\/bin"$/m,
  );
  assert.match(
    printService(folder, '/opt/no de/100%$x'),
    /^ExecStart="\/opt\/no de\/100%%\$\$x" \/home\/git\/\.git-handover\/agent\.cjs watch supervised$/m,
  );
});

test('systemd keeps the resident there, within limits, and ends it alone', () => {
  const unit = printServe(folder, '/usr/bin/node', '/usr/bin:/bin');
  assert.match(
    unit,
    /^ExecStart="\/usr\/bin\/node" --max-old-space-size=\d+ --max-semi-space-size=\d+ \/home\/git\/\.git-handover\/agent\.cjs serve$/m,
  );
  for (const line of [
    'Restart=always',
    'KillMode=process',
    'MemoryMax=4G',
    'OOMPolicy=continue',
    'LimitNOFILE=4096',
    'Environment=GIT_HANDOVER_SUPERVISED=1',
  ])
    assert.ok(unit.includes(`\n${line}\n`), line);
});
