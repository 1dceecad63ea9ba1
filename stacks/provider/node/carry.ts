/** Node for one session, in a folder for temporary files: a preview changes nothing in the agent's folder. */
import { PassThrough } from 'node:stream';
import { faults } from '../../../agent/contract/faults';
import type { HandoverError } from '../../../agent/contract/errors';
import { address } from '../ssh/address';
import type { Connection, Finished } from '../ssh/ssh';
import type { Binary } from './pinned';

export interface Carried {
  /** Its path on old. */
  readonly file: string;
  /** It is gone then: with the session, its connection, or by the server's own doing. */
  readonly ended: Promise<unknown>;
}

/** A disk is never filled to its last block. */
const marginMib = 16;

export function neededMib({ content }: Binary): number {
  return Math.ceil(content.length / 1024 ** 2) + marginMib;
}

/** Old keeps it as long as the command's standard input is open; that ends with the connection, however we end. */
export async function carry(
  connection: Connection,
  binary: Binary,
  gzip: boolean,
  signal: AbortSignal,
): Promise<Carried> {
  const bytes = gzip ? await binary.packed() : binary.content;
  const stdin = new PassThrough();
  stdin.write(bytes);
  let tell: (file: string) => void = () => undefined;
  const ready = new Promise<string>((resolve) => (tell = resolve));
  const said: string[] = [];
  const ended = connection.run(script(binary, bytes.length, gzip), {
    stdin,
    signal,
    onLine: (line) => {
      said.push(line);
      if (line.startsWith('ready ')) tell(line.slice('ready '.length));
    },
  });
  const first = await Promise.race([ready, ended]);
  if (typeof first === 'string') return { file: first, ended };
  throw unusable(connection, binary, said, first);
}

/** The folder must let programs run, and other accounts reach Node in it. */
function script(binary: Binary, length: number, gzip: boolean): string {
  const kib = neededMib(binary) * 1024;
  return `umask 022
d=
trap '[ -z "$d" ] || rm -rf "$d"' EXIT
trap 'exit 143' HUP INT TERM PIPE
for t in "$TMPDIR" /tmp /var/tmp "$HOME"; do
  [ -n "$t" ] && d=$(mktemp -d "$t/git-handover.XXXXXX" 2>/dev/null) || { d=; continue; }
  printf '#!/bin/sh\\n' >"$d/try" && chmod 755 "$d/try" && "$d/try" && set -- $(df -Pk "$d" | tail -n 1) && [ "$4" -ge ${kib} ] && break
  rm -rf "$d"
  d=
done 2>/dev/null
[ -n "$d" ] || { echo full; exit 3; }
chmod 711 "$d"
head -c ${length} ${gzip ? '| gzip -dc ' : ''}>"$d/node"
[ "$(sha256sum <"$d/node")" = "${binary.checksum}  -" ] || { echo damaged; exit 3; }
chmod 755 "$d/node"
words=$("$d/node" --version 2>&1) || { echo "broken $words"; exit 3; }
echo "ready $d/node"
cat >/dev/null`;
}

function unusable(
  connection: Connection,
  binary: Binary,
  said: readonly string[],
  { stderr }: Finished,
): HandoverError {
  const where = address(connection.settings);
  if (said.includes('full')) return faults.nodeNoPlace({ where, needed: neededMib(binary) });
  const broken = said.find((line) => line.startsWith('broken '));
  if (broken !== undefined)
    return faults.nodeNotStarted({ where, version: binary.version, words: broken.slice('broken '.length) });
  return faults.nodeNotCopied({ where, folder: 'its folder for temporary files', words: stderr.trim().slice(-200) });
}
