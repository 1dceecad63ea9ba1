/**
 * The one place that says yes or no to git, in two stages as GitLab does: at connect, and in pre-receive. Pure.
 * Each answer is null (yes) or the message of the first rule that was broken.
 */
import { canReadCode, canSee, levelIn, projectPath } from './access';
import { level, zeros } from './model';
import type { AccessRow, Actor, Change, DefaultProtection, Directory, Project, Protocol } from './model';
import { branchName, hasRefusedTagPrefix, isRefusedBranch, isRefusedTag, matchesPattern, tagName } from './refnames';
import * as words from './words';

export interface Access {
  readonly directory: Directory;
  readonly project: Project;
  readonly actor: Actor;
  readonly protocol: Protocol;
  /** The repository has no branch yet. */
  readonly empty: boolean;
  /** Of the project's group, or of the instance. */
  readonly defaultProtection: DefaultProtection;
  readonly url: string;
}

/**
 * May this key use this project for this command at all? A missing project and an invisible one get the same answer.
 */
export function atConnect(
  directory: Directory,
  actor: Actor,
  project: Project | null,
  action: 'git-receive-pack' | 'git-upload-pack',
): string | null {
  if (isExpired(actor)) return words.keyExpired;
  if (actor.user.state === 'blocked') return words.blocked;
  if (project === null || !isVisible(directory, project, actor)) return words.notFound;
  if (action === 'git-upload-pack') return mayDownload(directory, project, actor) ? null : words.noDownload;
  if (project.archived) return words.archived;
  return pushRefusal(directory, project, actor);
}

/** The first violated rule, in the order of the changes. */
export function inPreReceive(access: Access, changes: readonly Change[]): string | null {
  for (const change of changes) {
    const refusal = changeRefusal(access, change);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** True when a rule speaks about this branch, so that the caller must find out whether a change is forced. */
export function isProtectedBranch(
  access: Pick<Access, 'directory' | 'project' | 'empty' | 'defaultProtection'>,
  name: string,
): boolean {
  return (
    (access.empty && !isProtectionOff(access.defaultProtection)) ||
    branchRules(access.directory, access.project, name).length > 0
  );
}

/** Automatic protection is off only when force is allowed and every level is Developer. */
export function isProtectionOff(protection: DefaultProtection): boolean {
  const developers = (levels: readonly number[]): boolean =>
    levels.length > 0 && levels.every((each) => each === level.developer);
  return protection.allowForcePush && developers(protection.allowedToPush) && developers(protection.allowedToMerge);
}

function isExpired(actor: Actor): boolean {
  const expires = actor.key?.expiresAt ?? null;
  return expires !== null && new Date(expires).getTime() <= Date.now();
}

function deployKeyUse(directory: Directory, project: Project, keyId: number): { canPush: boolean } | undefined {
  return directory.deployKeyUses.find((use) => use.keyId === keyId && use.projectId === project.id);
}

function isDeployKey(actor: Actor): boolean {
  return actor.key?.kind === 'deploy';
}

function isVisible(directory: Directory, project: Project, actor: Actor): boolean {
  if (actor.key?.kind !== 'deploy') return canSee(directory, project, actor.user);
  return project.visibility !== 'private' || deployKeyUse(directory, project, actor.key.id) !== undefined;
}

function mayDownload(directory: Directory, project: Project, actor: Actor): boolean {
  return isDeployKey(actor) || canReadCode(directory, project, actor.user);
}

function pushRefusal(directory: Directory, project: Project, actor: Actor): string | null {
  if (actor.key?.kind === 'deploy')
    return deployKeyUse(directory, project, actor.key.id)?.canPush === true ? null : words.noWriteKey;
  return mayPush(directory, project, actor) ? null : words.noPush;
}

/** A deploy key pushes while its owner still sees the project; a user needs Developer. */
function mayPush(directory: Directory, project: Project, actor: Actor): boolean {
  if (isDeployKey(actor)) return actor.user.state === 'active' && canReadAsOwner(directory, project, actor);
  return actor.user.admin || levelIn(directory, project, actor.user) >= level.developer;
}

function canReadAsOwner(directory: Directory, project: Project, actor: Actor): boolean {
  return canSee(directory, project, actor.user);
}

function changeRefusal(access: Access, change: Change): string | null {
  if (!mayPush(access.directory, access.project, access.actor)) return words.noPush;
  const branch = branchName(change.ref);
  if (branch !== null) return branchRefusal(access, branch, change);
  const tag = tagName(change.ref);
  return tag === null ? null : tagRefusal(access, tag, change);
}

function branchRefusal(access: Access, name: string, change: Change): string | null {
  const deletion = change.after === zeros;
  if (!deletion && isRefusedBranch(name)) return words.hexBranch;
  if (deletion && name === access.project.defaultBranch) return words.deleteDefault;
  if (!isProtectedBranch(access, name)) return null;
  const rules = branchRules(access.directory, access.project, name);
  if (change.forced && !rules.some((rule) => rule.allowForcePush)) return words.forceProtected;
  if (deletion) return deletionRefusal(access, words.deleteProtected, words.deleteProtectedByWeb);
  if (mayPushToProtected(access, name)) return null;
  if (access.empty)
    return words.emptyProject(
      access.project.defaultBranch,
      `${access.url}/${projectPath(access.directory, access.project)}`,
    );
  return change.before === zeros ? creationRefusal(access, name) : words.pushProtected;
}

function creationRefusal(access: Access, name: string): string | null {
  const mayMerge = branchRules(access.directory, access.project, name).some((rule) => anyRowAllows(access, rule.merge));
  if (!mayMerge) return words.createProtected;
  return access.protocol === 'web' ? null : words.createProtectedByWeb;
}

/** Over git nobody deletes protected things; Maintainers do it in the web. */
function deletionRefusal(access: Access, withoutRight: string, notOverGit: string): string | null {
  if (!isMaintainer(access)) return withoutRight;
  return access.protocol === 'web' ? null : notOverGit;
}

function tagRefusal(access: Access, name: string, change: Change): string | null {
  const exists = change.before !== zeros;
  const deletion = change.after === zeros;
  if (exists && !hasLevel(access, level.developer)) return words.changeTag;
  if (!exists && name === access.project.defaultBranch) return words.tagLikeDefault;
  if (!deletion && isRefusedTag(name)) return words.hexTag;
  if (!deletion && hasRefusedTagPrefix(name)) return words.tagPattern;
  const rules = access.directory.protectedTags.filter(
    (rule) => rule.projectId === access.project.id && matchesPattern(rule.name, name),
  );
  if (rules.length === 0) return null;
  if (deletion) return deletionRefusal(access, words.deleteProtectedTag, words.deleteProtectedTagByWeb);
  if (exists) return words.updateProtectedTag;
  return rules.some((rule) => anyRowAllows(access, rule.create)) ? null : words.createProtectedTag;
}

function branchRules(directory: Directory, project: Project, name: string): Directory['protectedBranches'] {
  return directory.protectedBranches.filter((rule) => rule.projectId === project.id && matchesPattern(rule.name, name));
}

/** Roles decide alone while the project is empty: Maintainers may always make the first branch. */
function mayPushToProtected(access: Access, name: string): boolean {
  if (access.empty && (hasLevel(access, level.maintainer) || mayInitialPush(access))) return true;
  return branchRules(access.directory, access.project, name).some((rule) => anyRowAllows(access, rule.push));
}

function mayInitialPush(access: Access): boolean {
  const { developerCanInitialPush, allowedToPush } = access.defaultProtection;
  return hasLevel(access, level.developer) && (developerCanInitialPush || allowedToPush.includes(level.developer));
}

function anyRowAllows(access: Access, rows: readonly AccessRow[]): boolean {
  return rows.some((row) => rowAllows(access, row));
}

/** Administrators get nothing extra here: only a row of level 60 asks for one. */
function rowAllows(access: Access, row: AccessRow): boolean {
  const { directory, project, actor } = access;
  if (row.deployKeyId !== null) return keyRowAllows(access, row.deployKeyId);
  if (row.accessLevel === level.none) return false;
  if (row.accessLevel === level.admin) return actor.user.admin;
  return levelIn(directory, project, actor.user) >= row.accessLevel;
}

/** Consequence: any key of that owner, and the owner's own login, pass too. */
function keyRowAllows({ directory, project, actor }: Access, keyId: number): boolean {
  const owner = directory.keys.get(keyId)?.ownerId;
  return (
    owner === actor.user.id &&
    deployKeyUse(directory, project, keyId)?.canPush === true &&
    canReadAsOwner(directory, project, actor)
  );
}

function hasLevel({ directory, project, actor }: Access, wanted: number): boolean {
  return actor.user.admin || levelIn(directory, project, actor.user) >= wanted;
}

function isMaintainer(access: Access): boolean {
  return hasLevel(access, level.maintainer);
}
