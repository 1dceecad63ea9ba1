/** Why a repository may not leave `old`, or may not make one move. Changes nothing; `pulumi preview` shows it. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Consent, Fault, RepositoryConfig } from '../contract/contract';
import { asFault, illegalMove, mistake } from '../contract/errors';
import { forbiddenSettings } from '../git/forbidden';
import { ownHooksFolder } from '../repository/hooks';
import { ownHook } from '../git/ownhooks';
import { isLegalMove, phaseTable, type Phase } from '../contract/phase';
import { isReserved, isSynced, nameRefusal, showRef } from '../rules/refs';
import { configValues, hidePatterns } from '../git/repoconfig';
import type { Repository } from '../repository/repository';
import { ownerFaults } from './sharedfaults';
import type { OldSide } from '../rules/values';

const week = 7 * 24 * 3600_000;

/** What keeps a repository from being attached at all. `folder` is the agent's. */
export async function layoutFaults(folder: string, directory: string): Promise<Fault[]> {
  const exists = (name: string): boolean => fs.existsSync(path.join(directory, name));
  if (!fs.existsSync(directory))
    return [
      fault(
        'no-repository',
        `Cannot use ${directory} as a repository must be there: nothing is.`,
        'Correct the path under `repositories`, or remove it.',
      ),
    ];
  if (exists('.git'))
    return [
      fault(
        'not-bare',
        `Cannot use ${directory} as it must be bare: it has a work tree.`,
        'Name the bare repository that people push to.',
      ),
    ];
  if (!exists('HEAD') || !exists('objects') || !exists('config'))
    return [
      fault(
        'no-repository',
        `Cannot use ${directory} as it must be a git repository: HEAD, objects or config is missing.`,
        'Correct the path under `repositories`, or repair it.',
      ),
    ];
  const faults: Fault[] = [];
  if (exists('shallow'))
    faults.push(
      fault(
        'shallow',
        `Cannot use ${directory} as it must be complete: it is a shallow clone.`,
        'Run `git fetch --unshallow` in it.',
      ),
    );
  if (exists('worktrees') && fs.readdirSync(path.join(directory, 'worktrees')).length > 0)
    faults.push(
      fault(
        'worktrees',
        `Cannot use ${directory} as it must have no linked worktrees.`,
        'Remove them with `git worktree remove`.',
      ),
    );
  if (exists('reftable'))
    faults.push(
      fault(
        'reftable',
        `Cannot use ${directory} as its refs must be files: it uses reftable.`,
        'This tool cannot move it yet.',
      ),
    );
  return [
    ...faults,
    ...linkFaults(directory),
    ...(await configFaults(directory)),
    ...(await ownersFaults(folder, directory)),
  ];
}

async function configFaults(directory: string): Promise<Fault[]> {
  try {
    const faults = await forbiddenSettings(directory);
    if ((await configValues(path.join(directory, 'config'), 'core.bare')).includes('false'))
      faults.push(
        fault(
          'not-bare',
          `Cannot use ${directory} as it must be bare: core.bare is false.`,
          'Name the bare repository that people push to.',
        ),
      );
    return faults;
  } catch (error) {
    return [asFault(error)];
  }
}

/**
 * Through a link we would write into what other repositories may share: all of them would look for hooks that are not
 * theirs.
 */
function linkFaults(directory: string): Fault[] {
  const links = ['config', 'git-handover'].filter((name) =>
    fs.lstatSync(path.join(directory, name), { throwIfNoEntry: false })?.isSymbolicLink(),
  );
  return links.map((name) =>
    fault(
      'link',
      `Cannot use ${directory} as its ${name} must be its own: it is a symbolic link.`,
      name === 'config' ? 'Put a copy of the file in its place.' : 'Remove the link.',
    ),
  );
}

/** A configuration that cannot be read is told already. */
async function ownersFaults(folder: string, directory: string): Promise<Fault[]> {
  try {
    return await ownerFaults(folder, directory);
  } catch (error) {
    return [asFault(error)].filter(({ code }) => code !== 'config-failed');
  }
}

/** What keeps an attached repository from one move. `to` null: only what is wrong now. */
export async function moveFaults(repository: Repository, to: Phase | null, consent: Consent): Promise<Fault[]> {
  const from = repository.journal.state().phase;
  if (to === null || to === from) return [];
  if (!isLegalMove(from, to, consent.abandon)) return [illegalMove(repository.config.path, from, to).fault];
  const troubles = repository.journal.troubles().filter((trouble) => trouble.kind !== 'unhooked');
  const faults = troubles.map((trouble) =>
    fault(
      'trouble',
      `Cannot move ${repository.config.path} from ${from} to ${to} as ${showRef(trouble.ref)} must not be ${trouble.kind}: ${trouble.words}`,
      'Settle it with `npm run resolve`, or mend the cause; `npm run status` shows it.',
    ),
  );
  if (phaseTable[to].toGitlab === 'write-through') faults.push(...(await bothFaults(repository, consent)));
  return faults;
}

async function bothFaults(repository: Repository, consent: Consent): Promise<Fault[]> {
  const { config, hooks, journal } = repository;
  const faults: Fault[] = [];
  for (const name of ['reference-transaction', 'proc-receive']) {
    const own = ownHook({ ownHooks: ownHooksFolder(hooks) }, name);
    if (own !== null)
      faults.push(
        fault(
          'late-hook',
          `Cannot move ${config.path} to both as no hook may decline after GitLab took a push: it has ${own}.`,
          `Move what ${name} checks to pre-receive, then remove it.`,
        ),
      );
  }
  const hidden = hiddenBelow(['refs/heads/', 'refs/tags/', ...config.namespaces], await hidePatterns(hooks));
  if (hidden.length > 0)
    faults.push(
      fault(
        'hidden-refs',
        `Cannot move ${config.path} to both as git on the old server must not refuse what GitLab took: receive.hideRefs or transfer.hideRefs hides ${hidden.map(showRef).join(', ')}.`,
        'Remove the setting from the configuration of the repository, its account or the server; what it kept people from, refuse in pre-receive.',
      ),
    );
  const recent = journal.unhooked().filter((time) => Date.now() - Date.parse(time) < week);
  if (recent.length > 0 && !consent.unhookedWriters)
    faults.push(
      fault(
        'unhooked-writers',
        `Cannot move ${config.path} to both as every writer must go through the hooks: ${recent.length} changes in the last seven days did not.`,
        'Find and stop them (cron, update-ref, http), or set `acknowledgeUnhookedWriters: true` for this repository: in both such changes are undone.',
      ),
    );
  return [...faults, ...namespaceFaults(config, await repository.world.git.oldSide())];
}

/**
 * Which patterns of hideRefs hide anything below these namespaces: one that a later `!` shows again as a whole does
 * not.
 */
function hiddenBelow(namespaces: readonly string[], patterns: readonly string[]): string[] {
  const folders = patterns.map((pattern) => ({
    shows: pattern.startsWith('!'),
    folder: `${pattern.replace(/^!/, '').replace(/^\^/, '').replace(/\/+$/, '')}/`,
  }));
  const hides = ({ folder }: { folder: string }, index: number): boolean =>
    namespaces.some((namespace) => {
      const both = namespace.startsWith(folder) ? namespace : folder.startsWith(namespace) ? folder : null;
      return both !== null && !folders.slice(index + 1).some((later) => later.shows && both.startsWith(later.folder));
    });
  return folders.filter((one, index) => !one.shows && hides(one, index)).map(({ folder }) => folder.slice(0, -1));
}

function namespaceFaults(config: RepositoryConfig, side: OldSide): Fault[] {
  const refs = [...side.refs.keys()].filter(
    (ref) =>
      !isReserved(ref) &&
      !isSynced(ref, config.namespaces) &&
      !config.waivedNamespaces.some((waived) => ref.startsWith(waived)),
  );
  const unlisted = [...new Set(refs.map((ref) => `${showRef(ref).split('/').slice(0, 2).join('/')}/`))];
  return unlisted.map((namespace) =>
    fault(
      'unlisted-namespace',
      `Cannot move ${config.path} to both as each of its namespaces must be listed or waived: it has refs below ${namespace}.`,
      `Add ${namespace} to \`namespaces\` or \`waivedNamespaces\` of this repository.`,
    ),
  );
}

/** What people should know before the first copy; none of it stops the move. */
export function nameWarnings(config: RepositoryConfig, side: OldSide): string[] {
  const refs = [...side.refs.keys()].filter((ref) => isSynced(ref, config.namespaces));
  const refused = refs.flatMap((ref) => {
    const why = nameRefusal(ref);
    return why === null ? [] : [`${config.path}: ${showRef(ref)} cannot cross: ${why}`];
  });
  const byCase = new Map<string, string[]>();
  for (const ref of refs) byCase.set(ref.toLowerCase(), [...(byCase.get(ref.toLowerCase()) ?? []), showRef(ref)]);
  const twins = [...byCase.values()]
    .filter((names) => names.length > 1)
    .map((names) => `${config.path}: ${names.join(' and ')} differ only in case`);
  return [...refused, ...twins];
}

function fault(code: string, message: string, next: string): Fault {
  return mistake(code, message, next).fault;
}
