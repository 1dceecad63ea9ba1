/** Node in the agent's folder: whole or not at all, under one name that stays right. */
import { nodeFile } from '../../../agent/contract/commands';
import { faults } from '../../../agent/contract/faults';
import { quote } from '../../../agent/contract/shellword';
import { address } from '../ssh/address';
import type { Connection } from '../ssh/ssh';
import type { Plan } from './node';

const withinMs = 600_000;

/** As the preview says it. */
export function planned({ settings }: Connection, { binary, why, replaces }: Plan): string {
  const mb = Math.round(binary.content.length / 1e6);
  const place = `${settings.folder}/${nodeFile}`;
  const what = replaces ? `will replace what lies in ${place}` : `will be copied to ${place}`;
  return `Node ${binary.version} (${mb} MB) ${what} on ${address(settings)}: ${why}.`;
}

/**
 * Hooks, timer and resident name this path; what runs already keeps the file that it began with, so a rename harms
 * nobody. What breaks off leaves nothing.
 */
export async function placeNode(connection: Connection, { binary, file }: Plan, signal: AbortSignal): Promise<void> {
  const { settings, folder } = connection;
  const draft = `${folder}/${nodeFile}.new`;
  const script = `umask 022
trap 'rm -f ${draft}' EXIT
trap 'exit 143' HUP INT TERM PIPE
mkdir -p ${folder} && cp ${quote(file)} ${draft} && chmod 755 ${draft} || exit 3
[ "$(sha256sum <${draft})" = "${binary.checksum}  -" ] || { echo 'it differs from what was sent' >&2; exit 3; }
words=$(${draft} --version 2>&1) || { echo "$words" >&2; exit 4; }
sync ${draft} 2>/dev/null
mv -f ${draft} ${folder}/${nodeFile} && sync ${folder} 2>/dev/null || :
[ -x ${folder}/${nodeFile} ]`;
  const { code, stderr } = await connection.run(script, { withinMs, signal });
  if (code === 0) return;
  const [where, words] = [address(settings), stderr.trim().slice(-300)];
  if (code === 4) throw faults.nodeNotStarted({ where, version: binary.version, words });
  throw faults.nodeNotCopied({ where, folder: settings.folder, words });
}
