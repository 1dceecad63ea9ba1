/** A hook of another account that asked for its push, and whose resident is gone or refuses to look. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { ask } from '../../agent/hook/ask';
import { parseRequest, type AskAnswer } from '../../agent/hook/askwords';
import { socketFile } from '../../agent/hook/doors';
import { newChallenge } from '../../agent/hook/proofs';
import { createJournal } from '../../agent/repository/journal';
import { proofFolder } from '../../agent/repository/sharing';
import { linesOf } from '../../agent/machine/lines';
import { labFolder } from '../lab/folder';
import { facts } from './statefacts';

interface Place {
  readonly folder: string;
  readonly state: string;
  readonly directory: string;
  readonly lease: string;
}

/** A shared repository in `both`, with the lease of a push. */
function shared(t: TestContext): Place {
  const lab = labFolder();
  t.after(() => fs.rmSync(lab.path, { recursive: true, force: true }));
  const [directory, state] = [path.join(lab.path, 'a.git'), path.join(lab.path, 'repositories', 'a-0')];
  fs.mkdirSync(path.join(directory, proofFolder), { recursive: true });
  createJournal(state, { phase: 'both', epoch: 3, hold: null, fence: null, directory, identity: '1:2' }, facts);
  const lease = 'abc-1.1.1.1.1';
  fs.writeFileSync(path.join(state, 'pushes', lease), 'enter 1.00\n');
  return { folder: lab.path, state, directory, lease };
}

/** A resident that takes the push and ends; `next` is what happens then. */
function takesAndEnds(t: TestContext, { folder, state }: Place, next: () => void): void {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    void converse(socket).then((isProved) => {
      if (isProved) next();
      socket.destroy();
    });
  });
  t.after(() => void server.close());
  fs.mkdirSync(path.join(folder, 'sockets'));
  server.listen(socketFile(folder, state));
}

/** False when whoever asks went away. */
async function converse(socket: net.Socket): Promise<boolean> {
  const tell = (line: object): void => void socket.write(`${JSON.stringify(line)}\n`);
  const lines = linesOf(socket, 16_384);
  const request = parseRequest((await lines.next(5_000)) ?? '');
  tell(newChallenge());
  if ((await lines.next(5_000)) === null) return false;
  if (request?.what === 'push') tell({ kind: 'taken' } satisfies AskAnswer);
  return true;
}

async function askAndHear({ folder, state, lease }: Place): Promise<{ code: number; said: string }> {
  let said = '';
  const say = (text: string): void => void (said += text);
  return { code: await ask({ folder, state, lease, what: 'push', quarantine: null, say }), said };
}

test('a push that the resident took before it ended is called unknown, also where nothing can be proved any more', async (t) => {
  const place = shared(t);
  takesAndEnds(t, place, () => fs.rmSync(path.join(place.directory, proofFolder), { recursive: true, force: true }));
  const { code, said } = await askAndHear(place);
  assert.deepEqual([code, /whether GitLab took it is unknown/.test(said)], [1, true], said);
  assert.doesNotMatch(said, /Nothing was taken/);
  assert.deepEqual(fs.readdirSync(path.join(place.state, 'pushes')), [place.lease], 'its lease stays');
});
