/**
 * Real git between two bare repositories, over ssh as the agent sends. One sshd serves all stories; each has two
 * repositories of its own, whose objects are loose files that can be brought and lost.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { openGit } from '../../agent/git/git';
import type { Git } from '../../agent/rules/ports';
import type { RefName } from '../../agent/rules/values';
import { startPair, type Pair } from '../git/kit/pair';
import type { GitSetUp, Side } from './git';
import { gitlabFaults, serveWithFaults } from './kit/gitlab';
import { bring, git, lose, makeBare, makeTemplate, oidOf, readRefs, setRef, type Template } from './kit/template';

export interface RealGits {
  open(): GitSetUp;
  close(): Promise<void>;
}

export async function startRealGits(): Promise<RealGits> {
  const pair = await startPair({ commits: 0 });
  const at = (name: string): string => path.join(pair.folder, name);
  await serveWithFaults(pair);
  const template = makeTemplate(at('template.git'), at('home'));
  let stories = 0;
  return {
    open: () => {
      stories += 1;
      return openStory(pair, template, at(`story-${stories}`));
    },
    close: () => pair.close(),
  };
}

function openStory(pair: Pair, template: Template, folder: string): GitSetUp {
  const directories: Record<Side, string> = {
    old: path.join(folder, 'old.git'),
    gitlab: path.join(folder, 'gitlab.git'),
  };
  Object.values(directories).forEach((directory) => makeBare(template, directory));
  const faults = gitlabFaults(directories.gitlab);
  git(template.home, directories.gitlab, ['config', 'receive.advertisePushOptions', 'true']);
  git(template.home, directories.old, ['config', 'fetch.fsckObjects', 'true']);
  return {
    git: realGit(pair, folder, directories),
    run: (work) => work(),
    oid: (letter) => oidOf(template, letter),
    set: async (side, ref, to) => setRef(template, directories[side], ref, to),
    refs: async (side) => readRefs(directories[side]),
    head: async () => fs.readFileSync(path.join(directories.old, 'HEAD'), 'utf8').trim().slice(5) as RefName,
    alias: async (ref) => setAlias(path.join(directories.old, ref)),
    bring: async (letter) => bring(template, directories.old, letter),
    lose: async (letter) => lose(template, directories.old, letter),
    lock: async (side, ref, isLocked) => lockRef(path.join(directories[side], `${ref}.lock`), isLocked),
    gitlabGone: async (isGone) => faults.gone(isGone),
    declines: async (ref) => faults.declines(ref),
    loseAnswers: async (when) => faults.loseAnswers(when),
    close: async () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

function realGit(pair: Pair, folder: string, directories: Readonly<Record<Side, string>>): Git {
  return openGit({
    directory: directories.old,
    folder: pair.agentFolder,
    quarantine: {},
    url: pair.config.gitlabUrl.replace(pair.gitlab, directories.gitlab),
    ciSkip: true,
    askMs: 60_000,
    silentMs: 60_000,
    asideFolder: path.join(folder, 'aside'),
    networkFolder: path.join(folder, 'network'),
    sendFolder: path.join(folder, 'sending'),
  });
}

/** What git left there is an empty folder at most. */
function setAlias(file: string): void {
  fs.rmSync(file, { recursive: true, force: true });
  fs.writeFileSync(file, 'ref: refs/heads/main\n');
}

function lockRef(file: string, isLocked: boolean): void {
  if (isLocked) fs.writeFileSync(file, '');
  else fs.rmSync(file, { force: true });
}
