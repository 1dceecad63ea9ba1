/** Asks the resident as a hook would, or as one that lies. */
import { startProcess } from '../lab/processes';

export interface Asking {
  readonly socket: string;
  /** The file of a lease. */
  readonly lease: string;
  readonly repository: string;
  /** Of the proof, instead of what the resident chose. */
  readonly content?: string;
  readonly mode?: number;
  readonly quarantine?: string;
  /** No request at all. */
  readonly garbage?: boolean;
}

const script = `
const [fs, net, path] = ['fs', 'net', 'path'].map(require);
const ask = JSON.parse(process.argv[1]);
const socket = net.connect(ask.socket);
const state = path.basename(path.dirname(path.dirname(ask.lease)));
const request = { state, lease: path.basename(ask.lease), what: 'end-hold', quarantine: ask.quarantine ?? null };
socket.write((ask.garbage ? '{"state":1}' : JSON.stringify(request)) + '\\n');
let proved = false;
socket.on('data', (chunk) => {
  process.stdout.write(chunk);
  const challenge = JSON.parse(chunk.toString().split('\\n')[0]);
  if (proved || !challenge.nonce) return;
  proved = true;
  const file = path.join(ask.repository, 'git-handover', 'asks', challenge.nonce);
  try {
    fs.writeFileSync(file, ask.content ?? challenge.proof);
    fs.chmodSync(file, ask.mode ?? 0o640);
  } catch (error) {
    process.stdout.write('no proof: ' + error.code + '\\n');
  }
  socket.write('proved\\n');
});
setTimeout(() => process.exit(1), 20000).unref();
`;

/** All that it was told. */
export async function askAs(account: { readonly uid: number; readonly gid: number }, asking: Asking): Promise<string> {
  const started = startProcess(process.execPath, ['-e', script, JSON.stringify(asking)], {
    env: { PATH: process.env['PATH'] },
    cwd: '/',
    account: { ...account, groups: account.uid === 65_534 ? [] : [100] },
  });
  await started.ended;
  return started.output();
}
