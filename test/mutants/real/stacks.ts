/** Mistakes in the stacks: settings, resources, and the provider's doors to both servers. */
import { planted, type RealMutant } from './mutant';

const settings: readonly RealMutant[] = [
  planted(
    'P2',
    'two entries for one repository are taken',
    [
      'stacks/settings/repositories.ts',
      "mistakes.push(...doubles(resolved, (one) => one.config.path, 'the same path on the old server'));",
      '',
    ],
    ['unit/settings/config', 'two entries for one repository'],
  ),
  planted(
    'a repository outside of the root is moved',
    'a path with two dots leads out of the root',
    ['stacks/settings/paths.ts', "part === '..' || part === '.'", "part === '.'"],
    ['unit/settings/config', 'a repository cannot lie outside of the root'],
  ),
];

const resources: readonly RealMutant[] = [
  planted(
    'P2',
    'people may write to a closed project',
    ['stacks/resources/access.ts', 'const level = open ? access : reading;', 'const level = open ? reading : access;'],
    ['provider/stacks-program', 'into a closed phase, access is lowered to reading'],
  ),
  planted(
    'P2',
    'old switches before access is lowered',
    [
      'stacks/resources/repository.ts',
      'const phase = declarePhase(stack, repository, [...before, ...closed]);',
      'const phase = declarePhase(stack, repository, before);',
    ],
    ['provider/stacks-program', 'into a closed phase, access is lowered to reading'],
  ),
  planted(
    'P3',
    'no webhook is made where something comes from GitLab',
    ['stacks/resources/webhooks.ts', '!phaseTable[phase].toOld', 'phaseTable[phase].toOld'],
    ['provider/stacks-program', 'a webhook exists where something comes from GitLab'],
  ),
];

const provider: readonly RealMutant[] = [
  planted(
    'P2',
    "somebody else's deploy key that writes to a closed project is not named",
    ['stacks/provider/kinds/writers.ts', 'one.canPush && !one.expired', 'one.canPush && one.expired'],
    ['provider/stacks-standing', 'keys, tokens, members and groups that write'],
  ),
  planted(
    '`up` says success while every push will be refused',
    'where nothing moves GitLab is not asked',
    ['stacks/provider/kinds/repository.ts', 'await tellStanding(session, inputs, say);', ''],
    ['provider/stacks-standing', 'a project that was archived is told'],
  ),
  planted(
    'P2',
    'of a list of several pages only the first is read',
    ['stacks/provider/gitlab/rest.ts', "page = answer?.headers.get('x-next-page') ?? '';", "page = '';"],
    ['provider/parsers', 'a list of several pages is read to its end'],
  ),
  planted(
    'P2',
    'half a list is taken for the whole',
    [
      'stacks/provider/gitlab/rest.ts',
      'if (answer === null && count === 0) return null;',
      'if (answer === null) return count === 0 ? null : all;',
    ],
    ['provider/parsers', 'a list of several pages is read to its end'],
  ),
  planted(
    'an operator waits for what passes by itself',
    'a connection that was lost fails the run',
    ['stacks/provider/waiting/patience.ts', 'faults.connectionLost, ', ''],
    ['provider/stacks-moments', 'a connection that is cut in the middle of a call'],
  ),
  planted(
    "another person's change of phase is undone unseen",
    'a move goes from whichever phase it finds',
    ['agent/verbs/move.ts', 'from !== seen && from !== to', 'from !== seen && from === to'],
    ['git/phase/two-moves', 'a move whose caller saw another phase'],
  ),
  planted(
    'somebody else poses as the old server',
    'another host key than the pinned one is taken',
    ['stacks/provider/ssh/ssh.ts', 'return shown === null; };', 'return key.length > 0; };'],
    ['provider/stacks-ssh', 'another host key than the pinned ones'],
  ),
  planted(
    'P7',
    'what is cancelled goes on running on the server',
    [
      'stacks/provider/ssh/ssh.ts',
      'const end = (): void => endRemotely(ssh, running);',
      'const end = (): void => void setTimeout(running.close, endMs).unref();',
    ],
    ['provider/stacks-ssh', 'what is cancelled ends at once'],
  ),
  planted(
    'P6',
    'a character that the network cut in two is garbled',
    ['stacks/provider/ssh/lines.ts', 'decoder.write(chunk)', "chunk.toString('utf8')"],
    ['provider/parsers', 'lines arrive whole however the network cuts them'],
  ),
  planted(
    'P3',
    'hooks that were taken away by hand stay away',
    ['stacks/provider/kinds/repository.ts', 'if (!view.current)', "if (!view.current && phase === 'retired')"],
    ['provider/stacks-provider', 'hooks that were taken away by hand'],
  ),
];

export const stacks: readonly RealMutant[] = [...settings, ...resources, ...provider];
