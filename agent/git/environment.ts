/**
 * The environment of every git that the agent starts, and what it sets on the command line. The shim's
 * own_environment() says the same for its two (test/agent/environment.test.ts).
 */

/** Of GitPlace (gitprocess.ts), what the environment names. */
interface Place {
  readonly directory: string;
  readonly folder: string;
  readonly quarantine: Readonly<Record<string, string>>;
}

/**
 * The repository's configuration can add a tag without a lease, start a gc, a hook or another command that inherits our
 * lock, or print what we do not expect. Hooks by configuration (git 2.54) ask for no core.hooksPath.
 */
export const ownSettings = [
  'gc.auto=0',
  'maintenance.auto=false',
  'core.hooksPath=/dev/null',
  'hook.reference-transaction.enabled=false',
  'hook.pre-push.enabled=false',
  'core.fsmonitor=false',
  'push.followTags=false',
  'push.recurseSubmodules=no',
  'push.gpgSign=false',
  'push.negotiate=false',
  'push.pushOption=',
  'fetch.recurseSubmodules=no',
  'fetch.writeCommitGraph=false',
  'fetch.prune=false',
  'transfer.bundleURI=false',
  'log.showSignature=false',
  'i18n.logOutputEncoding=UTF-8',
  'color.ui=false',
  'color.remote=false',
  'core.alternateRefsCommand=true',
  'protocol.ssh.allow=always',
  'receive.autoGC=false',
  // A log of refs may lead anywhere (linkedrefs.ts).
  'core.logAllRefUpdates=false',
];

/**
 * Grafts and replacements are old's alone: GitLab knows the history that the objects have. A file that cannot be there,
 * since git prints advice about any that it can open.
 */
const noGrafts = '/dev/null/grafts';

/** The repository's configuration would name anybody, in a log of refs that is there. */
const committer = { GIT_COMMITTER_NAME: 'git-handover', GIT_COMMITTER_EMAIL: 'git-handover' };

/**
 * A call that stays on this server reaches no other, whatever the configuration says: git before 2.44 fetches what is
 * missing by itself.
 */
export function localEnvironment(place: Place): Record<string, string> {
  return { ...bareEnvironment(place), ...committer, GIT_ALLOW_PROTOCOL: 'none', GIT_SSH_COMMAND: 'false' };
}

/** Of a call to GitLab: by ssh, with the key of the agent, and nothing else. */
export function networkEnvironment(place: Place): Record<string, string> {
  return {
    ...bareEnvironment(place),
    GIT_ALLOW_PROTOCOL: 'ssh',
    GIT_SSH_COMMAND: `ssh -F ${place.folder}/ssh/config`,
    GIT_SSH_VARIANT: 'ssh',
  };
}

/** No configuration of the system or the account, no prompts, and the folder that is named, not where it leads. */
function bareEnvironment(place: Place): Record<string, string> {
  return {
    ...place.quarantine,
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: `${place.folder}/home`,
    XDG_CONFIG_HOME: `${place.folder}/home`,
    LC_ALL: 'C',
    GIT_DIR: place.directory,
    // A file `commondir` in it would lead to the refs, the objects and the configuration of another one.
    GIT_COMMON_DIR: place.directory,
    // Where the variable above is set, git takes its working directory for a work tree else (setup.c), and writes
    // reflogs.
    GIT_IMPLICIT_WORK_TREE: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: `${place.folder}/home/.gitconfig`,
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: noGrafts,
    GIT_NO_LAZY_FETCH: '1',
  };
}

/** What receive-pack itself would see: the account's own. */
export function accountEnvironment(place: Place): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: process.env['HOME'] ?? '/',
    LC_ALL: 'C',
    GIT_DIR: place.directory,
  };
}

/** Of `git config` on one named file: no repository, no other configuration. */
export function fileEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/', LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1' };
}
