/** Mistakes in what lies on the old server: what everything stands on, what looks after it, and what installs it. */
import { planted, type RealMutant } from './mutant';

const ownHooks: readonly RealMutant[] = [
  planted(
    'a deploy is left out',
    'what a killed pass had set is not heard by own hooks',
    ['agent/sync/ownhooks.ts', 'landed.push(update);', 'landed.pop();'],
    ['git/server/own-hooks', 'a pass that was killed while it set refs'],
  ),
  planted(
    'two deploys at once',
    'an own hook whose runner was killed keeps no lock',
    ['agent/git/ownhooks.ts', "'pipe', call.lock?.fd ?? 'ignore']", "'pipe', 'ignore']"],
    ['git/server/own-hooks', 'a killed runner leaves its hook to end alone'],
  ),
  planted(
    'P7',
    'the runner waits for an own hook within the pass',
    [
      'agent/repository/ownhooks.ts',
      'child.unref();',
      "require('node:child_process').spawnSync('tail', [`--pid=${child.pid ?? 0}`, '-f', '/dev/null']);",
    ],
    ['git/server/own-hooks', 'an own post-receive that hangs keeps nobody waiting'],
  ),
];

const ground: readonly RealMutant[] = [
  planted(
    'P5',
    'a move may leave out a phase',
    [
      'agent/contract/phase.ts',
      'return from === to || moves[from].includes(to) ||',
      "return from === to || moves[from].includes(to) || to === 'refuse' ||",
    ],
    ['unit/contract/phase', 'exactly these moves are legal'],
  ),
  planted(
    'a name runs a command',
    'a quote in a word ends the word',
    ['agent/contract/shellword.ts', "word.replace(/'/g, `'\\\\''`)", 'word'],
    ['provider/parsers', 'a quoted text is one word of the shell'],
  ),
  planted(
    'another account reads what is ours',
    'a link that others made is followed',
    [
      'agent/machine/files.ts',
      'return openFile(file, flags | fs.constants.O_NOFOLLOW);',
      'return openFile(file, flags);',
    ],
    ['agent/sharing', 'files that others may have made'],
  ),
  planted(
    'P4',
    'a file of the journal that was altered passes for whole',
    ['agent/rules/bytes.ts', 'return checksum(body) === match[2] ? body : null;', 'return body;'],
    ['agent/parsers', 'each file of the journal'],
  ),
  planted(
    'damage stays unseen',
    'a clock that stood ahead ends the scans',
    ['agent/repair/scan.ts', ' || sinceMs < 0 ? finished', ' ? finished'],
    ['git/damage/scan', 'a clock that stood ahead'],
  ),
  planted(
    'damage stays unseen',
    'rot inside a pack is not seen',
    [
      'agent/objects/packcheck.ts',
      'if (sum !== index.crc(place)) bad.push(place);',
      'if (sum === null) bad.push(place);',
    ],
    ['git/damage/scan', 'rot inside a pack is found'],
  ),
  planted(
    'damage stays unseen',
    'only empty loose objects are found',
    [
      'agent/objects/objectcheck.ts',
      'if (!(await isLooseWhole(objects, name)))',
      'if (size === 0 && !(await isLooseWhole(objects, name)))',
    ],
    ['git/damage/scan', 'a loose object of no bytes'],
  ),
];

const asked: readonly RealMutant[] = [
  planted(
    'another account has a file of ours read',
    'a request may name any folder',
    ['agent/hook/askwords.ts', '/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(state)', "state !== ''"],
    ['agent/sharing', 'a request names one lease and one repository'],
  ),
  planted(
    'P1',
    'whoever asks may ask for the push of another account',
    ['agent/hook/admit.ts', 'lease.nlink !== 1 || lease.uid !== uid ||', 'lease.nlink !== 1 ||'],
    ['agent/admit', 'who proves to be the owner of a lease'],
  ),
  planted(
    'P1',
    'a lease that is a second name of another file counts',
    ['agent/hook/admit.ts', '!lease.isFile() || lease.nlink !== 1 ||', '!lease.isFile() ||'],
    ['agent/admit', 'or that is a link gives nobody a push'],
  ),
  planted(
    'anybody wakes the resident',
    'the secret of a webhook is not compared',
    [
      'agent/resident/webhooks.ts',
      "typeof shown !== 'string' || !isSecret(secret, shown)",
      "typeof shown !== 'string' || secret === ''",
    ],
    ['agent/listener', 'without the secret, with another one'],
  ),
  planted(
    'anybody wakes the resident',
    'an address that is not on the list is answered',
    [
      'agent/resident/webhooks.ts',
      "if (allowed(socket.remoteAddress ?? '')) return void keepNewest",
      "if (socket.remoteAddress !== '' || allowed('')) return void keepNewest",
    ],
    ['agent/listener', 'an address that is not on the list'],
  ),
  planted(
    'P7',
    'a connection to GitLab that hangs counts as alive',
    ['agent/resident/warmconnection.ts', "if (code === null) return 'hung';", "if (code === null) return 'alive';"],
    ['git/server/master-connection', 'a stopped master, which would hang every push'],
  ),
  planted(
    'P3',
    'a repository whose look failed waits like one at rest',
    ['agent/resident/pace.ts', 'if (failed > 0) return doubled(failedMs, failed - 1);', ''],
    ['agent/rounds', 'what waits for a push is looked at again at once'],
  ),
  planted(
    'P3',
    'large repositories take the room of the others',
    ['agent/resident/lanes.ts', "nowMs ? 'alone' : 'beside'", "nowMs ? 'beside' : 'beside'"],
    ['agent/rounds', 'large repositories take no room of the others'],
  ),
  planted(
    'P3',
    'a parked repository is never tried again by itself',
    ['agent/rules/large.ts', ' &&\n    now.sinceTriedMs < parkedMs(parked)', ''],
    ['unit/rules/large', 'what is parked is tried again when old has fewer refs'],
  ),
  planted(
    'P6',
    'status is silent about passes that fail',
    ['agent/verbs/status.ts', 'failing.push(...passFaults(repository, one),', 'failing.push('],
    ['git/operator/status-verify', 'GitLab is out of reach'],
  ),
  planted(
    'P3',
    'a repository is retired although its sides differ',
    ['agent/verbs/retire.ts', 'if (open === 0) return', 'if (open >= 0) return'],
    ['git/operator/retire-repository', 'of which a ref cannot be set'],
  ),
  planted(
    'P6',
    'verify calls sides equal that differ',
    [
      'agent/verbs/verify.ts',
      '.filter(([ref]) => seen.differing.has(ref))',
      '.filter(([ref]) => !seen.differing.has(ref))',
    ],
    ['git/operator/status-verify', 'verify names refs that differ'],
  ),
];

const installed: readonly RealMutant[] = [
  planted(
    'P2',
    'one repository by two paths gets two states',
    ['agent/install/attach.ts', 'refuseTwin(folder, config);', ''],
    ['git/hostile/hostile-places', 'one repository by two paths has one state'],
  ),
  planted(
    'P1',
    'an open repository is let go of',
    [
      'agent/install/attach.ts',
      "if (phase !== 'old' && phase !== 'retired') throw faults.phaseOpen",
      "if (phase === 'warn') throw faults.phaseOpen",
    ],
    ['git/mirror/mirror', 'an open repository is not let go of'],
  ),
  planted(
    'P1',
    'a hook that may decline late is not named',
    ['agent/install/preflight.ts', "['reference-transaction', 'proc-receive']", "['proc-receive']"],
    ['git/phase/both-preflight', 'hooks that may decline late'],
  ),
  planted(
    'P3',
    'settings that hide branches are not named',
    ['agent/install/preflight.ts', 'if (hidden.length > 0)', 'if (hidden.length > 99)'],
    ['git/phase/both-preflight', 'a setting of the account that hides branches'],
  ),
  planted(
    'P1',
    'a server that hides the processes of others is taken',
    ['agent/install/sharedfaults.ts', 'if (hidden === undefined) return [];', "if (hidden !== '') return [];"],
    ['git/server/shared-preflight', '/proc must show the processes of others'],
  ),
  planted(
    'somebody else poses as GitLab',
    'a host key of GitLab that nobody pinned is taken',
    ['agent/install/sshfiles.ts', 'StrictHostKeyChecking yes', 'StrictHostKeyChecking accept-new'],
    ['git/server/server-setup', 'ssh reads our settings as they are meant'],
  ),
  planted(
    'somebody else poses as GitLab',
    'a host key may bring a second line along',
    ['agent/install/sshfiles.ts', '+=*)(?: |$)/.exec(line.trim());', '+=*[^]*)$/.exec(line.trim());'],
    ['agent/parsers', 'no host key writes a second line'],
  ),
  planted(
    'P1',
    'the agent goes while a repository is attached',
    ['agent/install/setup.ts', 'if (attached.length > 0) throw', 'if (attached.length > 99) throw'],
    ['git/server/server-setup', 'the agent is not taken away while a repository is attached'],
  ),
  planted(
    'P7',
    'a percent sign in the path of node ends the line of cron',
    ['agent/install/timer.ts', "quote(word).replace(/%/g, '\\\\%')", 'quote(word)'],
    ['agent/timer', 'a node whose path has a space or a percent sign'],
  ),
];

export const server: readonly RealMutant[] = [...ownHooks, ...ground, ...asked, ...installed];
