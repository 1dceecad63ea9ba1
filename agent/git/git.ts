/** Git in one repository on old: the port Git of rules/ports.ts, opened for real. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { faults } from '../contract/faults/catalogue';
import { moveFile, replaceFile } from '../machine/files';
import { toText } from '../rules/bytes';
import { requireOwnPath } from './forbidden';
import { gitlabWords, readPushAnswer, readSendAnswer, type GitExit } from '../rules/gitanswers';
import { runGit, type GitCall, type GitPlace } from './gitprocess';
import { printable } from '../contract/printable';
import { runOwnHook } from './ownhooks';
import { changeRefs } from '../rules/refchange';
import { dropSendFolder, makeSendFolder, sendWords } from './sendfolder';
import type { Git } from '../rules/ports';
import type { GitlabSide, Oid, OldSide, PushAnswer, RefName, Update } from '../rules/values';

export interface GitSettings extends GitPlace {
  readonly url: string;
  readonly ciSkip: boolean;
  /** How long GitLab may stay silent while it is asked for its refs, ms. */
  readonly askMs: number;
  /** How long a push or fetch may show no progress, ms. */
  readonly silentMs: number;
  /** The repository's own hooks folder. */
  readonly ownHooks: string;
  /** Others may write the repository. */
  readonly shared: boolean;
  /** Where unreadable refs are kept. */
  readonly asideFolder: string;
  /** Made for each push of a mirror pass. */
  readonly sendFolder: string;
}

const localMs = 10 * 60_000;

export function openGit(settings: GitSettings): Git {
  const git = (args: readonly string[], call: Partial<GitCall> = {}): Promise<GitExit> =>
    runGit(settings, args, { idleMs: localMs, ...call });
  const toGitlab: typeof git = async (args, call) => {
    await requireOwnPath(settings.directory);
    return git(args, call);
  };
  return {
    oldSide: async () =>
      readOldSide(
        settings,
        must(await git(['for-each-ref', '--format=%(objectname) %(symref) %(refname)']), 'list the refs of old'),
      ),
    gitlabSide: async () =>
      readGitlabSide(
        settings,
        await toGitlab(['ls-remote', '--symref', '--', settings.url], { idleMs: settings.askMs }),
      ),
    push: async (updates, { atomic, lock }) => {
      const call = { idleMs: settings.silentMs, lock, long: true };
      if (atomic)
        return readPushAnswer(
          await toGitlab([...pushWords(settings), '--atomic', ...leasesAndIds(settings, updates)], call),
        );
      await requireOwnPath(settings.directory);
      return send(settings, updates, call);
    },
    fetch: async (refs, lock) => {
      const flags = [
        '--quiet',
        '--no-tags',
        '--no-write-fetch-head',
        '--no-recurse-submodules',
        '--no-auto-maintenance',
        '--stdin',
      ];
      const exit = await toGitlab(['fetch', ...flags, '--', settings.url], {
        idleMs: settings.silentMs,
        lock,
        input: refs.map((ref) => `${ref}\n`).join(''),
      });
      if (exit.code !== 0) throw fetchFailed(exit);
    },
    setRefs: (updates, lock) =>
      changeRefs(updates, (input) => git(['update-ref', '--no-deref', '--stdin', '-z'], { input, lock })),
    setHead: async (branch) => void must(await git(['symbolic-ref', 'HEAD', branch], { long: true }), 'set HEAD'),
    isAncestor: async (ancestor, descendant) =>
      (await git(['merge-base', '--is-ancestor', ancestor, descendant])).code === 0,
    missing: async (oids) =>
      readMissing(
        must(
          await git(['cat-file', '--batch-check'], { input: oids.map((oid) => `${oid}\n`).join('') }),
          'look for objects',
        ),
      ),
    connected: async (tips) =>
      (
        await git(['rev-list', '--objects', '--quiet', '--stdin', '--not', '--all'], {
          input: tips.map((oid) => `${oid}\n`).join(''),
        })
      ).code === 0,
    complete: async (tips) =>
      (
        await git(['-c', 'core.commitGraph=false', 'rev-list', '--objects', '--quiet', '--stdin'], {
          input: tips.map((oid) => `${oid}\n`).join(''),
        })
      ).code === 0,
    denied: async () => {
      const { stdout } = await git(
        ['config', '--type=bool', '--get-regexp', '^receive\\.deny(deletes|nonfastforwards)$'],
        { asAccount: true },
      );
      // The last one counts.
      const last = (key: string): boolean =>
        stdout
          .split('\n')
          .filter((line) => line.startsWith(`${key} `))
          .pop()
          ?.endsWith(' true') ?? false;
      return { deletes: last('receive.denydeletes'), rewinds: last('receive.denynonfastforwards') };
    },
    moveAside: async (ref) => {
      if (moveFileAside(settings, ref)) return;
      const packed = must(
        await git(['for-each-ref', '--format=%(objectname)', ref], { long: true }),
        'read a packed ref',
      ).stdout;
      replaceFile(asideFile(settings, ref), packed);
      await git(['update-ref', '--no-deref', '-d', ref], { long: true });
    },
    runOwnHook: (name, updates) => runOwnHook(settings, name, updates),
    history: async (tip, not, lines) =>
      printable(
        toText(
          (
            await git([
              'log',
              '--oneline',
              '--no-decorate',
              `-n${lines}`,
              tip,
              ...(not === null ? [] : [`^${not}`]),
              '--',
            ])
          ).stdout,
        ),
      ),
  };
}

function pushWords({ ciSkip }: GitSettings): string[] {
  return ['push', '--porcelain', '--progress', '--no-verify', ...(ciSkip ? ['--push-option=ci.skip'] : [])];
}

/**
 * Never `+ref` and never --force: either switches the lease off. Ids on the left: the ref itself may move meanwhile.
 */
function leasesAndIds({ url }: GitSettings, updates: readonly Update[]): string[] {
  const leases = updates.map(({ ref, before }) => `--force-with-lease=${ref}:${before ?? ''}`);
  return [...leases, '--', url, ...updates.map(({ ref, after }) => `${after ?? ''}:${ref}`)];
}

/** Under the repository's lock, however many refs. */
async function send(settings: GitSettings, updates: readonly Update[], call: GitCall): Promise<PushAnswer> {
  const place = makeSendFolder(settings, settings.sendFolder, { url: settings.url, updates });
  try {
    const exit = await runGit(place, [...pushWords(settings), ...sendWords(settings.url, updates)], call);
    return readSendAnswer(
      exit,
      updates.map(({ ref }) => ref),
    );
  } finally {
    dropSendFolder(settings.sendFolder);
  }
}

function must(exit: GitExit, what: string): GitExit {
  if (exit.code === 0) return exit;
  throw faults.gitFailed({ what, exit: exit.code, words: printable(toText(exit.stderr.trim().slice(-500))) });
}

function readOldSide(settings: GitSettings, exit: GitExit): OldSide {
  const lines = exit.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
  const symbolic = lines.filter(([, target]) => target !== '').map(([, , ref]) => ref as RefName);
  const refs = new Map(lines.filter(([, target]) => target === '').map(([oid, , ref]) => [ref as RefName, oid as Oid]));
  const broken = [...exit.stderr.matchAll(/^warning: ignoring broken ref ([^\0- \x7f]+)$/gm)].map(
    (match) => match[1] as RefName,
  );
  return { refs, symbolic, broken, head: readHead(settings.directory) };
}

/** The branch that HEAD names; null when it is detached or unreadable. */
export function readHead(directory: string): RefName | null {
  try {
    const match = /^ref: (refs\/heads\/[^\0- \x7f]+)\n?$/.exec(fs.readFileSync(path.join(directory, 'HEAD'), 'latin1'));
    return match === null ? null : (match[1] as RefName);
  } catch {
    return null;
  }
}

function readGitlabSide({ directory }: GitSettings, exit: GitExit): GitlabSide {
  if (exit.code !== 0)
    throw faults.gitlabUnreachable({
      what: `ask GitLab for its refs of ${directory}`,
      words: gitlabWords(exit.stderr),
    });
  const lines = exit.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  const head = lines.find(([value, name]) => name === 'HEAD' && value?.startsWith('ref: '))?.[0]?.slice(5) ?? null;
  const refs = lines.filter(
    ([value, name]) => /^[0-9a-f]{40}$/.test(value ?? '') && name?.startsWith('refs/') && !name.endsWith('^{}'),
  );
  return { refs: new Map(refs.map(([oid, ref]) => [ref as RefName, oid as Oid])), head: head as RefName | null };
}

function fetchFailed(exit: GitExit): Error {
  return faults.fetchFailed({ words: gitlabWords(exit.stderr) || printable(toText(exit.stderr.trim().slice(-300))) });
}

function readMissing(exit: GitExit): Set<Oid> {
  return new Set(
    exit.stdout
      .split('\n')
      .filter((line) => line.endsWith(' missing'))
      .map((line) => line.slice(0, 40) as Oid),
  );
}

/** True when the ref was a loose file. */
function moveFileAside(settings: GitSettings, ref: RefName): boolean {
  const file = Buffer.concat([Buffer.from(`${settings.directory}/`), Buffer.from(ref, 'latin1')]);
  if (!fs.existsSync(file)) return false;
  moveFile(file, asideFile(settings, ref));
  return true;
}

function asideFile({ asideFolder }: GitSettings, ref: RefName): string {
  fs.mkdirSync(asideFolder, { recursive: true });
  return path.join(asideFolder, `${Date.now()}-${encodeURIComponent(ref).slice(-200)}`);
}
