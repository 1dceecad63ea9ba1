/** Node on old for one session: settled once, by whoever needs it first. */
import { nodeFile, nodeVariable } from '../../../agent/contract/commands';
import { faults } from '../../../agent/contract/faults';
import { quote } from '../../../agent/contract/shellword';
import type { Fault } from '../../../agent/contract/views';
import { address } from '../ssh/address';
import type { Connection } from '../ssh/ssh';
import { carry, neededMib } from './carry';
import { chooseNode } from './choose';
import { type Binary, pinnedNode } from './pinned';
import { isCopying, type NodeSeen } from './seen';

/** A Node that `pulumi up` copies into the agent's folder. */
export interface Plan {
  readonly binary: Binary;
  /** Where it lies for this session. */
  readonly file: string;
  readonly why: string;
  /** One lies there already, and is another one or damaged. */
  readonly replaces: boolean;
  /** What keeps it from being copied there. */
  readonly refusals: readonly Fault[];
}

export interface NodeOnOld {
  /** Shell text that names the program in $node, for the commands behind it. */
  words(): Promise<string>;
  /** Null where nothing is to be copied. */
  plan(): Promise<Plan | null>;
  /** One that was copied before, and that nothing needs any more. */
  isIdle(): Promise<boolean>;
  forget(): void;
}

interface Needs {
  /** The folder of setup-node. */
  readonly scripts: string;
  readonly signal: AbortSignal;
  /** Whoever watches the run: some 50 MB may take a while. */
  readonly tell: (text: string) => void;
  connection(): Promise<Connection>;
  seen(): Promise<NodeSeen>;
}

interface Settled {
  readonly words: string;
  readonly plan: Plan | null;
  readonly idle: boolean;
}

export function openNode(needs: Needs): NodeOnOld {
  let settled: Promise<Settled> | null = null;
  const begin = (): Promise<Settled> => {
    const mine = settle(needs, () => {
      if (settled === mine) settled = null;
    });
    mine.catch(() => {
      if (settled === mine) settled = null;
    });
    return mine;
  };
  const once = (): Promise<Settled> => (settled ??= begin());
  return {
    words: async () => (await once()).words,
    plan: async () => (await once()).plan,
    isIdle: async () => (await once()).idle,
    forget: () => {
      settled = null;
    },
  };
}

/** For one call without a session: the Node that was copied there, else the one on PATH. */
export function nodeThere({ settings, folder }: Connection): string {
  if (!isCopying(settings)) return `node=${quote(settings.node)}`;
  return `node=${folder}/${nodeFile}; [ -x "$node" ] || node=node`;
}

/** `lost` is called when what was carried there is gone: a connection may break. */
async function settle({ scripts, signal, tell, ...needs }: Needs, lost: () => void): Promise<Settled> {
  const [connection, seen] = [await needs.connection(), await needs.seen()];
  const choice = chooseNode(connection.settings, seen);
  if (choice.kind === 'there')
    return { words: `node=${quote(choice.program)}`, plan: null, idle: seen.copied !== null };
  const there = `${connection.folder}/${nodeFile}`;
  const binary = await pinnedNode(scripts, choice.pin, address(connection.settings));
  if (seen.copied === binary.checksum) return { words: `node=${there}`, plan: null, idle: false };
  const bytes = seen.gzip ? await binary.packed() : binary.content;
  tell(`sending Node ${binary.version} to ${address(connection.settings)}, ${Math.round(bytes.length / 1e6)} MB`);
  const { file, ended } = await carry(connection, binary, seen.gzip, signal);
  ended.catch(() => undefined).finally(lost);
  const refusals = unfit(connection, binary, seen);
  return {
    words: `node=${quote(file)}; export ${nodeVariable}=${there}`,
    plan: { binary, file, why: choice.why, replaces: seen.copied !== null, refusals },
    idle: false,
  };
}

function unfit({ settings }: Connection, binary: Binary, { freeKib, noexec }: NodeSeen): Fault[] {
  const [where, needed] = [address(settings), neededMib(binary)];
  const free = freeKib === null ? needed : Math.floor(freeKib / 1024);
  return [
    ...(noexec ? [faults.nodeNoexec({ where, folder: settings.folder }).fault] : []),
    ...(free < needed ? [faults.nodeRoom({ where, folder: settings.folder, free, needed }).fault] : []),
  ];
}
