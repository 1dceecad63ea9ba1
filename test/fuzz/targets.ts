/** The parsers of others' bytes, and what holds of whatever each takes. Corpora: test/fuzz/corpus/<name>/. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandoverError } from '../../agent/contract/errors';
import { isPhase } from '../../agent/contract/phase';
import { isPrintable, printable } from '../../agent/contract/printable';
import { parsePacked } from '../../agent/git/rawrefs';
import { parseAnswer, parseChallenge, parseRequest } from '../../agent/hook/askwords';
import { hasTrailer, readPackIndex } from '../../agent/objects/packindex';
import { parseDrops, printDrops } from '../../agent/rules/drops';
import { readPushAnswer, readRefLines, readSendAnswer, type GitExit } from '../../agent/rules/gitanswers';
import { leaseFrom } from '../../agent/rules/leasefile';
import { isRefName, isUpdate, parseUpdate, printUpdate, showRef } from '../../agent/rules/refs';
import { parseState, printState } from '../../agent/rules/statefile';
import { seal } from '../../agent/rules/bytes';
import { parsePassEnd } from '../../agent/rules/time';
import type { RefName } from '../../agent/rules/values';
import * as forms from '../../stacks/provider/gitlab/answers';
import { groupsOf, keysOf, membersOf, tokensOf } from '../../stacks/provider/gitlab/writers';
import { parseLine } from '../../stacks/provider/call';
import { parseSeen } from '../../stacks/provider/node/seen';
import { facts } from '../agent/statefacts';
import { createHash } from 'node:crypto';

export interface Target {
  /** In the test's name. */
  readonly promise: string;
  /** How many times dearer than the cheapest: it is drawn less often. */
  readonly cost: number;
  /** False: nothing was taken. Throws what is told to people, or where a promise does not hold. `folder`: its own. */
  readonly reads: (bytes: Buffer, folder: string) => boolean;
}

const oid = /^[0-9a-f]{40}$/;
const now = { boot: 'b', uptimeMs: 5_000 };

function text(bytes: Buffer): string {
  return bytes.toString('latin1');
}

/** Up to a line `--`, and behind it. */
function parts(bytes: Buffer): [string, string] {
  const [first = '', ...others] = text(bytes).split('\n--\n');
  return [`${first}\n`, others.join('\n--\n')];
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function requireAnswer(exit: GitExit): void {
  const [answer, sent] = [readPushAnswer(exit), readSendAnswer(exit, ['refs/heads/main' as RefName])];
  assert.equal(answer.kind === 'ok', exit.code === 0);
  if (sent.kind === 'ok') assert.ok(exit.code === 0 && exit.stdout.includes('refs/heads/main'));
  for (const one of [answer, sent])
    if (one.kind !== 'ok') assert.ok(one.words.split('\n').every(isPrintable), JSON.stringify(one.words));
}

export const targets: Readonly<Record<string, Target>> = {
  'hook-input': {
    promise: 'a line that is taken is one that git prints the same',
    cost: 1,
    reads: (bytes) => {
      const line = text(bytes);
      if (!isUpdate(line)) return false;
      assert.equal(printUpdate(parseUpdate(line)), line);
      return true;
    },
  },
  leases: {
    promise: 'times are numbers, ids are ids, and what stands on no whole line is not taken',
    cost: 1,
    reads: (bytes) => {
      const [control, refs] = parts(bytes);
      const of = { id: 'b.1.2.3.4', boot: 'b', pids: [1], account: null };
      const lease = leaseFrom({ ...of, control, refs: () => refs, landed: () => refs }, now);
      if (lease === 'refused') return false;
      assert.ok(isWhole(lease.began.uptimeMs) && (lease.sent === null || isWhole(lease.sent.uptimeMs)));
      if (lease.stage.kind === 'acting') assert.ok(isWhole(lease.stage.epoch) && isPhase(lease.stage.phase));
      const updates = [...(lease.updates ?? []), ...(lease.landed ?? [])];
      for (const update of updates) assert.ok(refs.includes(`${printUpdate(update)}\n`));
      return lease.stage.kind === 'acting' || updates.length > 0;
    },
  },
  state: {
    promise: 'a state is whole or none: what is printed of it reads the same',
    cost: 1,
    reads: (bytes) => {
      const state = parseState(text(bytes)) ?? parseState(seal(text(bytes).replace(/\n[^\n]*\n?$/, '')));
      if (state === null) return false;
      assert.ok(isWhole(state.epoch) && (state.hold === null || isWhole(state.hold.endUptimeMs)));
      assert.deepEqual(parseState(printState(state, facts)), state);
      return true;
    },
  },
  times: {
    promise: 'a time is one, or none',
    cost: 1,
    reads: (bytes) => {
      const end = parsePassEnd(text(bytes));
      if (end === null) return false;
      assert.ok(!Number.isNaN(Date.parse(end.wall)) && (end.at === null || isWhole(end.at.uptimeMs)));
      return true;
    },
  },
  drops: {
    promise: 'what is printed of them reads the same',
    cost: 1,
    reads: (bytes) => {
      const drops = parseDrops(text(bytes));
      assert.deepEqual(parseDrops(printDrops(drops)), drops);
      return drops.size > 0;
    },
  },
  socket: {
    promise: 'names of states and leases lead nowhere else, and a code is an exit code',
    cost: 1,
    reads: (bytes) => {
      const line = bytes.toString('utf8');
      const request = parseRequest(line);
      if (request !== null) assert.match(`${request.state}/${request.lease}`, /^[^./][^/]*\/[^./][^/]*$/);
      const answer = parseAnswer(line);
      if (answer?.kind === 'done') assert.ok(isWhole(answer.code) && answer.code < 256);
      return request !== null || answer !== null || parseChallenge(line) !== null;
    },
  },
  'push-answers': {
    promise: "GitLab's words reach nobody as control characters, and only git's own zero is ok",
    cost: 1,
    reads: (bytes) => {
      const [stdout, stderr] = parts(bytes);
      for (const code of [0, 1, 128, null]) requireAnswer({ code, stdout, stderr, timedOut: false });
      return stdout.includes('!\t');
    },
  },
  'ref-lists': {
    promise: 'of what GitLab lists only names that git takes are refs',
    cost: 1,
    reads: (bytes) => {
      const { refs, head } = readRefLines(text(bytes));
      for (const [ref, value] of refs) assert.ok(isRefName(ref) && oid.test(value), JSON.stringify([ref, value]));
      assert.ok(head === null || isRefName(head), JSON.stringify(head));
      return refs.size > 0;
    },
  },
  'packed-refs': {
    promise: 'the lines that are kept are whole, and none of them is lost when they are read again',
    cost: 1,
    reads: (bytes) => {
      const { refs, whole } = parsePacked(text(bytes));
      const again = parsePacked(whole);
      assert.deepEqual([again.refs, again.bad, again.whole], [refs, [], whole]);
      return refs.size > 0;
    },
  },
  'pack-indexes': {
    promise: 'an index is whole or none, whatever number of objects it claims',
    cost: 10,
    reads: (bytes, folder) => {
      const file = join(folder, 'pack.idx');
      const body = bytes.subarray(0, Math.max(0, bytes.length - 20));
      const signed = Buffer.concat([body, createHash('sha1').update(body).digest()]);
      writeFileSync(file, signed);
      const index = readPackIndex(file);
      if (index === null) return false;
      assert.ok(hasTrailer(signed) && index.count * 24 <= signed.length);
      for (let place = 0; place < index.count; place += 1) {
        assert.match(index.oid(place), oid);
        assert.ok(isWhole(index.offset(place)) && (index.crc(place) === null || isWhole(index.crc(place) ?? -1)));
      }
      return true;
    },
  },
  rest: {
    promise: "an answer of another form than that of GitLab's API is told, and no level is no number",
    cost: 2,
    reads: (bytes) => {
      const rows: unknown = parsedJson(bytes);
      const levels = [
        ...told(() => membersOf(forms.answered('x', forms.memberRow.array(), rows))),
        ...told(() => tokensOf(forms.answered('x', forms.accessTokenRow.array(), rows))),
        ...told(() => groupsOf(forms.answered('x', forms.projectRow.array(), rows)[0] ?? null)),
      ].map(({ level }) => level);
      const keys = told(() => keysOf(forms.answered('x', forms.deployKeyRow.array(), rows)) ?? []);
      assert.ok(levels.every(Number.isInteger));
      return levels.length + keys.length > 0;
    },
  },
  'agent-lines': {
    promise: 'a line of the agent is one of the contract, or none',
    cost: 1,
    reads: (bytes) => {
      const line = parseLine<unknown>(bytes.toString('utf8'));
      if (line === null) return false;
      if (line.kind === 'error') assert.ok([line.fault.message, line.fault.next].every(isText), JSON.stringify(line));
      return true;
    },
  },
  'node-seen': {
    promise: 'what the server says of itself is a version, a number, or not known',
    cost: 1,
    reads: (bytes) => {
      const { version, copied, freeKib } = parseSeen(bytes.toString('utf8'));
      assert.ok(version === null || /^\d+\.\d+\.\S+$/.test(version));
      assert.ok(copied === null || /^[0-9a-f]{64}$/.test(copied));
      assert.ok(freeKib === null || isWhole(freeKib));
      return version !== null || freeKib !== null;
    },
  },
  words: {
    promise: 'what others say reaches a terminal without control characters, and names of refs on one line',
    cost: 1,
    reads: (bytes) => {
      assert.ok(printable(bytes.toString('utf8')).split('\n').every(isPrintable));
      assert.ok(isPrintable(showRef(text(bytes))));
      return true;
    },
  },
};

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** Undefined is no form of anything. */
function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function told<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof HandoverError && error.fault.code === 'gitlab-answer') return [];
    throw error;
  }
}
