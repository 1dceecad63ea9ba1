/**
 * A moment that no clock can hit: a program that stands before git on PATH, and runs a script of the test once, right
 * before what talks to GitLab starts.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after } from 'node:test';
import { labFolder } from '../../lab/folder';

export interface Moment {
  before(script: string): void;
  /** Whether it came. */
  came(): boolean;
}

/** For all tests of a file, before they make a pair. */
export function standBefore(): Moment {
  const lab = labFolder();
  const path0 = process.env['PATH'] ?? '';
  fs.writeFileSync(path.join(lab.path, 'git'), wrapper(), { mode: 0o755 });
  process.env['PATH'] = `${lab.path}:${path0}`;
  after(async () => {
    process.env['PATH'] = path0;
    await lab.close();
  });
  const fired = path.join(lab.path, 'fired');
  return {
    before: (script) => {
      fs.rmSync(fired, { force: true });
      fs.writeFileSync(path.join(lab.path, 'armed'), script);
    },
    came: () => fs.existsSync(fired),
  };
}

function wrapper(): string {
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  return `#!/bin/sh
here=\${0%/*}
case " $* " in
  *" push "* | *" fetch "* | *" ls-remote "*)
    mv "$here/armed" "$here/fired" 2>/dev/null && sh "$here/fired" ;;
esac
exec ${real} "$@"
`;
}
