/** Git as the agent opens it for a pair, for tests that ask it by itself. */
import * as path from 'node:path';
import { openGit } from '../../../agent/git/git';
import type { Git } from '../../../agent/rules/ports';
import type { Pair } from './pair';

export function gitOf(pair: Pair): Git {
  return openGit({
    directory: pair.old,
    folder: pair.agentFolder,
    quarantine: {},
    url: pair.config.gitlabUrl,
    ciSkip: true,
    askMs: 15_000,
    silentMs: 60_000,
    asideFolder: path.join(pair.state, 'aside'),
    networkFolder: path.join(pair.state, 'network'),
    sendFolder: path.join(pair.state, 'sending'),
  });
}
