/**
 * The state file: phase, epoch and hold, read and replaced as a whole. Lines `key value`; the shims read them with
 * `read -r` and take the file as whole when its `end` line repeats the epoch. The checksum is for us. Pure.
 */
import type { AfterRestart } from '../contract/configs';
import { isPhase } from '../contract/phase';
import { seal, toBytes, toText, unseal } from './bytes';
import { parseOid, printOid } from './refs';
import type { Fence, Hold, Oid, State } from './values';

/** What the shims need beside the state, so that the common path starts no extra process. */
export interface ShimFacts {
  readonly folder: string;
  readonly node: string;
  readonly url: string;
  readonly ciSkip: boolean;
  readonly holdMs: number;
  readonly leaseMs: number;
  readonly connectMs: number;
  readonly mirrorAfterRestart: AfterRestart;
  /** Seconds since 1970. */
  readonly brownouts: readonly { readonly from: number; readonly to: number }[];
}

export function printState(state: State, facts: ShimFacts): string {
  const hold =
    state.hold === null ? 'none' : `${state.hold.id} ${state.hold.boot} ${Math.ceil(state.hold.endUptimeMs / 1000)}`;
  const lines = [
    'git-handover-state 1',
    `directory ${toBytes(state.directory)}`,
    `identity ${state.identity}`,
    `phase ${state.phase}`,
    `epoch ${state.epoch}`,
    `hold ${hold}`,
    ...fenceLines(state.fence),
    `folder ${toBytes(facts.folder)}`,
    `node ${toBytes(facts.node)}`,
    `url ${facts.url}`,
    `ciskip ${facts.ciSkip ? 'yes' : 'no'}`,
    `holdlimit ${Math.ceil(facts.holdMs / 1000)}`,
    `leaselimit ${Math.ceil(facts.leaseMs / 1000)}`,
    `connectlimit ${Math.ceil(facts.connectMs / 1000)}`,
    `afterrestart ${facts.mirrorAfterRestart}`,
    ...facts.brownouts.map(({ from, to }) => `brownout ${from} ${to}`),
    `end ${state.epoch}`,
  ];
  return seal(lines.join('\n'));
}

/** Null when the file is cut short, altered or of another form. */
export function parseState(sealed: string): State | null {
  const body = unseal(sealed);
  if (body === null || !body.startsWith('git-handover-state 1\n')) return null;
  const fields = fieldsOf(body);
  const phase = fields.get('phase') ?? '';
  const directory = fields.get('directory');
  const identity = fields.get('identity');
  const hold = parseHold(fields.get('hold') ?? '');
  const epoch = fields.get('epoch') ?? '';
  if (!isPhase(phase) || !isNumber(epoch) || directory === undefined || identity === undefined || hold === undefined)
    return null;
  const fence = parseFence(body, fields);
  if (fence === undefined) return null;
  return { phase, epoch: Number(epoch), hold, directory: toText(directory), identity, fence };
}

/**
 * `gate`, `seen` and `stopped` are for the shims. `fence <id> <last> <proof>`, `next <value> <random part>`, `former
 * <value> <boot> <uptime ms>`; zeros where there is none.
 */
function fenceLines(fence: Fence | null): string[] {
  if (fence === null) return [];
  const { id, last, proof, next, former, seen, gate, stopped } = fence;
  return [
    `fence ${id} ${printOid(last)} ${proof}`,
    ...(next === null ? [] : [`next ${next.oid} ${next.random}`]),
    ...former.map(({ oid, until }) => `former ${oid} ${until.boot} ${until.uptimeMs}`),
    `seen ${seen ?? 'none'}`,
    `gate ${gate ? 'yes' : 'no'}`,
    `stopped ${stopped ? 'yes' : 'no'}`,
  ];
}

const proofs: readonly string[] = ['sure', 'planted', 'settled'] satisfies Fence['proof'][];

/** Undefined where the lines are of no form that we know. */
function parseFence(body: string, fields: ReadonlyMap<string, string>): Fence | null | undefined {
  const [id, last, proof] = (fields.get('fence') ?? '').split(' ');
  if (id === undefined || id === '') return null;
  if (last === undefined || !/^[0-9a-f]{40}$/.test(last) || proof === undefined || !proofs.includes(proof))
    return undefined;
  const [oid, random] = (fields.get('next') ?? '').split(' ');
  const seen = fields.get('seen') ?? 'none';
  return {
    id,
    last: parseOid(last),
    proof: proof as Fence['proof'],
    next: oid === undefined || random === undefined ? null : { oid: oid as Oid, random },
    former: [...body.matchAll(/^former ([0-9a-f]{40}) (\S+) (\d+)$/gm)].map(([, value, boot = '', uptimeMs]) => ({
      oid: value as Oid,
      until: { boot, uptimeMs: Number(uptimeMs) },
    })),
    seen: seen === 'none' ? null : seen,
    gate: fields.get('gate') === 'yes',
    stopped: fields.get('stopped') === 'yes',
  };
}

function fieldsOf(body: string): Map<string, string> {
  return new Map(body.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}

/** How long a push tries to reach who sends it, ms; null where an older agent wrote the file. */
export function connectLimit(sealed: string): number | null {
  const seconds = Number(fieldsOf(sealed).get('connectlimit') ?? 'none');
  return seconds > 0 ? seconds * 1000 : null;
}

/** What its hooks start; null where nothing says so. */
export function nodeOf(sealed: string): string | null {
  const node = fieldsOf(sealed).get('node');
  return node === undefined ? null : toText(node);
}

function parseHold(text: string): Hold | null | undefined {
  if (text === 'none') return null;
  const [id, boot, end] = text.split(' ');
  if (id === undefined || boot === undefined || end === undefined || !isNumber(end)) return undefined;
  return { id, boot, endUptimeMs: Number(end) * 1000 };
}

function isNumber(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
