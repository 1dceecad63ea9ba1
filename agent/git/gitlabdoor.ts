/** GitLab as git on old sees it: its refs, a push to it, a fetch from it. */
import { faults } from '../contract/faults';
import { printable } from '../contract/printable';
import { toText } from '../rules/bytes';
import {
  gitlabWords,
  readPushAnswer,
  readRefLines,
  readSendAnswer,
  refusedObjects,
  type GitExit,
} from '../rules/gitanswers';
import type { FenceChange } from '../rules/values';
import type { Git } from '../rules/ports';
import { fenceText } from './fencevalue';
import type { GitlabSide, PushAnswer, Update } from '../rules/values';
import { requireOwnPath } from './forbidden';
import { runGit, type GitCall } from './gitprocess';
import { requireWhole } from './longlist';
import type { GitSettings } from './gitsettings';
import { fetchPlace, listedSettings, networkPlace } from './networkfolder';
import { dropSendFolder, makeSendFolder, sendWords } from './sendfolder';

/** Each call looks first whether the configuration leads elsewhere, which it does not obey in any case. */
export function gitlabDoor(settings: GitSettings): Pick<Git, 'gitlabSide' | 'push' | 'pushFence' | 'fetch'> {
  const toGitlab = async (args: readonly string[], call: GitCall, placeOf = networkPlace): Promise<GitExit> => {
    await requireOwnPath(settings.directory);
    return runGit(await placeOf(settings), args, { ...call, stranger: true });
  };
  return {
    gitlabSide: async () =>
      readGitlabSide(
        settings,
        await toGitlab(['ls-remote', '--symref', '--', settings.url], { idleMs: settings.askMs, isList: true }),
      ),
    push: async (updates, { atomic, lock }) => {
      const call = { idleMs: settings.silentMs, stranger: true, lock, long: true };
      if (atomic) return readPushAnswer(await toGitlab(atomicWords(settings, updates), call));
      await requireOwnPath(settings.directory);
      return send(settings, updates, call);
    },
    pushFence: async (change, lock) => {
      await requireOwnPath(settings.directory);
      return sendFence(settings, change, { idleMs: settings.silentMs, stranger: true, lock, long: true });
    },
    fetch: async (refs, lock) => {
      const call = { idleMs: settings.silentMs, lock, input: refs.map((ref) => `${ref}\n`).join('') };
      const exit = await toGitlab(['fetch', ...fetchFlags, '--', settings.url], call, fetchPlace);
      if (exit.code === 0) return null;
      const refused = refusedObjects(exit);
      if (refused === null) throw fetchFailed(exit);
      return refused;
    },
  };
}

const fetchFlags = [
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--no-auto-maintenance',
  '--stdin',
];

function pushWords({ ciSkip }: GitSettings): string[] {
  return ['push', '--porcelain', '--progress', '--no-verify', ...(ciSkip ? ['--push-option=ci.skip'] : [])];
}

/**
 * Never `+ref` and never --force: either switches the lease off. Ids on the left: the ref itself may move meanwhile.
 */
function atomicWords(settings: GitSettings, updates: readonly Update[]): string[] {
  const leases = updates.map(({ ref, before }) => `--force-with-lease=${ref}:${before ?? ''}`);
  return [
    ...pushWords(settings),
    '--atomic',
    ...leases,
    '--',
    settings.url,
    ...updates.map(({ ref, after }) => `${after ?? ''}:${ref}`),
  ];
}

/** Under the repository's lock, however many refs. */
async function send(settings: GitSettings, updates: readonly Update[], call: GitCall): Promise<PushAnswer> {
  const parts = { listed: await listedSettings(settings), url: settings.url, updates };
  const place = makeSendFolder(settings, settings.sendFolder, parts);
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

/** From a folder with objects of its own: neither the repository nor its collector ever sees the fence's. */
async function sendFence(
  settings: GitSettings,
  { ref, before, after }: FenceChange,
  call: GitCall,
): Promise<PushAnswer> {
  const updates = [{ ref, before, after: after?.oid ?? null }];
  const parts = { listed: await listedSettings(settings), url: settings.url, updates, objects: 'own' } as const;
  const place = makeSendFolder(settings, settings.sendFolder, parts);
  try {
    const input = after === null ? null : fenceText(after.random);
    if (input !== null)
      await runGit(place, ['hash-object', '-w', '--stdin'], { idleMs: call.idleMs, lock: call.lock ?? null, input });
    const exit = await runGit(place, [...pushWords(settings), ...sendWords(settings.url, updates)], call);
    return readSendAnswer(exit, [ref]);
  } finally {
    dropSendFolder(settings.sendFolder);
  }
}

function readGitlabSide(settings: GitSettings, exit: GitExit): GitlabSide {
  const { directory } = settings;
  requireWhole(settings, 'GitLab', exit);
  if (exit.code !== 0)
    throw faults.gitlabUnreachable({
      what: `ask GitLab for its refs of ${directory}`,
      words: gitlabWords(exit.stderr),
    });
  return readRefLines(exit.stdout);
}

function fetchFailed(exit: GitExit): Error {
  return faults.fetchFailed({ words: gitlabWords(exit.stderr) || printable(toText(exit.stderr.trim().slice(-300))) });
}
