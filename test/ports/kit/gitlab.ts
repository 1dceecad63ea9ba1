/** A bare repository that stands for GitLab behind sshd: it can be gone, decline a ref, and lose its answers. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { RefName } from '../../../agent/rules/values';
import type { Pair } from '../../git/kit/pair';

/** Passes GitLab's refs on and nothing that comes after them: the push lands, and its answer is lost. */
const losesAnswer = `
const child = require('node:child_process').spawn('git', ['receive-pack', process.argv[2]], { stdio: ['inherit', 'pipe', 'inherit'] });
let seen = Buffer.alloc(0), at = 0, isOver = false, isLost = false;
child.stdout.on('data', (chunk) => {
  if (isOver) return void (isLost = true);
  seen = Buffer.concat([seen, chunk]);
  for (; !isOver && seen.length >= at + 4; ) {
    const size = parseInt(seen.toString('latin1', at, at + 4), 16);
    if (size > 0 && seen.length < at + size) return;
    isOver = size === 0;
    at += Math.max(size, 4);
  }
  if (isOver) process.stdout.write(seen.subarray(0, at));
});
child.on('close', (code) => process.exit(isLost ? 1 : code));
`;

/** The default branch cannot be deleted. `arrived` runs for each push whose answer is not lost before it. */
function preReceive(arrived: string): string {
  return `#!/bin/sh
[ ! -e lost-before ] || { kill -9 $PPID; exit 1; }
${arrived}
while read -r before after ref; do
  case $after$ref in 0000000000*refs/heads/main) echo no >&2; exit 1 ;; esac
  [ "$ref" != "$(cat declines 2>/dev/null)" ] || exit 1
done
`;
}

/** From now on sshd serves repositories with their faults. */
export async function serveWithFaults(pair: Pair): Promise<void> {
  const at = (name: string): string => path.join(pair.folder, name);
  fs.writeFileSync(at('losesanswer.cjs'), losesAnswer);
  const program = `${process.execPath} ${at('losesanswer.cjs')}`;
  fs.writeFileSync(
    at('serve.sh'),
    `set -- $SSH_ORIGINAL_COMMAND\nrepository=$(echo "$2" | tr -d "'")\n[ ! -e "$repository/gone" ] || exit 1\ncase $1 in git-receive-pack) [ ! -e "$repository/lost-after" ] || exec ${program} "$repository" ;; esac\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n`,
  );
  const keys = fs.readFileSync(at('authorized_keys'), 'utf8');
  fs.writeFileSync(at('authorized_keys'), `command="sh ${at('serve.sh')}" ${keys}`);
  // The warm connection was let in without the command.
  await pair.sshd.killSessions();
  await pair.agent('tick');
}

export interface GitlabFaults {
  gone(isGone: boolean): void;
  declines(ref: RefName | null): void;
  /** The answer to pushes is lost, before or after GitLab took them. */
  loseAnswers(when: 'before' | 'after' | 'never'): void;
}

/** The faults of one repository; at first it has none. */
export function gitlabFaults(directory: string, arrived = ''): GitlabFaults {
  fs.writeFileSync(path.join(directory, 'hooks/pre-receive'), preReceive(arrived), { mode: 0o755 });
  const mark = (name: string, content: string | null): void => {
    const file = path.join(directory, name);
    if (content === null) fs.rmSync(file, { force: true });
    else fs.writeFileSync(file, content);
  };
  return {
    gone: (isGone) => mark('gone', isGone ? '' : null),
    declines: (ref) => mark('declines', ref),
    loseAnswers: (when) => {
      mark('lost-before', when === 'before' ? '' : null);
      mark('lost-after', when === 'after' ? '' : null);
    },
  };
}
