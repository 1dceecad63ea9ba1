/** What an operator's command line lacks, or the stack does not know. */
import { type Phase, phases } from './phase';
import { environment, ended, mistake } from './fault';

const app = '/srv/git/app.git';

export const operatorFaults = {
  arguments: mistake(
    'arguments',
    ({ words }: { words: string }) => [ended(`Cannot read the arguments: ${words}`), 'See --help.'],
    { words: "Unknown option '--jsn'" },
  ),
  noneNamed: mistake(
    'none-named',
    ({ verb }: { verb: 'retire' | 'restore' }) => [`Cannot ${verb}: no repository is named.`, 'See --help.'],
    { verb: 'retire' },
  ),
  notOneNamed: mistake(
    'not-one-named',
    ({ words }: { words: number }) => [
      `Cannot repair: one repository is to be named, and ${words} words are there.`,
      'See --help.',
    ],
    { words: 2 },
  ),
  noRefNamed: mistake(
    'no-ref-named',
    ({ words }: { words: number }) => [
      `Cannot settle a ref: one repository and one ref are to be named, and ${words} ${words === 1 ? 'word is' : 'words are'} there.`,
      'See --help; `npm run status` prints the whole command.',
    ],
    { words: 1 },
  ),
  giveBackAlone: mistake('give-back-alone', () => [
    'Cannot give a value back: with `--give-back` one repository is to be named, and neither a ref nor `--keep`.',
    'See --help; `npm run status` prints the whole command.',
  ]),
  rejoinAlone: mistake(
    'rejoin-alone',
    ({ words, keep }: { words: number; keep: string | undefined }) => [
      `Cannot bring both sides together: one repository is to be named, with \`--keep old\` or \`--keep gitlab\`; ${words} ${words === 1 ? 'word is' : 'words are'} there, and --keep is ${keep ?? 'missing'}.`,
      'See --help.',
    ],
    { words: 0, keep: 'both' },
  ),
  keep: mistake(
    'keep',
    ({ keep }: { keep: string | undefined }) => [
      `Cannot settle a ref: --keep takes old, gitlab or both, and is ${keep ?? 'missing'}.`,
      'See --help.',
    ],
    { keep: 'mine' },
  ),
  stays: mistake(
    'stays',
    ({ stays }: { stays: string }) => [
      `Cannot settle a ref: --stays takes old or gitlab, and is ${stays}.`,
      'See --help.',
    ],
    { stays: 'mine' },
  ),
  phase: mistake(
    'phase',
    ({ path, phase, asked }: { path: string; phase: string; asked: Phase }) => [
      `Cannot rebuild the state of ${path}: --phase takes one of ${phases.join(', ')}, and is ${phase === '' ? 'missing' : phase}.`,
      `The stack asks for ${asked}; name the phase in which the repository really was.`,
    ],
    { path: app, phase: '', asked: 'both' },
  ),
  unknownRepository: mistake(
    'unknown-repository',
    ({ word, known }: { word: string; known: readonly string[] }) => [
      `Cannot find ${JSON.stringify(word)}: the stack's repositories are ${known.join(', ')}.`,
      'Name it by its key under `git-handover:repositories`, or by its path on the old server.',
    ],
    { word: 'ap', known: ['app.git', 'team/site.git'] },
  ),
  notInStack: mistake(
    'not-in-stack',
    ({ path }: { path: string }) => [
      `Cannot rebuild the state of ${path}: it is none of the stack's repositories.`,
      'Add it to `repositories` first.',
    ],
    { path: app },
  ),
  noStack: mistake(
    'no-stack',
    ({ words }: { words: string }) => [
      ended(`Cannot read the configuration without a stack: ${words}`),
      'Select one with `pulumi stack select`, or name it with `--stack`.',
    ],
    { words: 'error: no stack selected' },
  ),
  noLogin: mistake('no-login', () => [
    'Cannot read the stack: this account is not logged in where Pulumi keeps its state.',
    'Log in there as when the stack was made: `npm run pulumi -- login file://<folder>`, or with the address of another backend.',
  ]),
  noPassphrase: mistake(
    'no-passphrase',
    ({ wrong }: { wrong: boolean }) => [
      `Cannot read the secrets of the stack: its passphrase is ${wrong ? 'another one than the one given' : 'not given'}.`,
      'Put it into PULUMI_CONFIG_PASSPHRASE, or its file into PULUMI_CONFIG_PASSPHRASE_FILE.',
    ],
    { wrong: false },
  ),
  notSet: environment(
    'not-set',
    ({ key, words, command }: { key: string; words: string; command: string }) => [
      ended(`Cannot set the phase of ${key} in the stack: ${words}`),
      `Set it yourself before the next \`pulumi up\`: ${command}`,
    ],
    {
      key: 'app.git',
      words: 'error: the stack is locked',
      command: `pulumi config set --path 'git-handover:repositories["app.git"].phase' retired`,
    },
  ),
};
