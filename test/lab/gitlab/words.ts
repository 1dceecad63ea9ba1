/**
 * What GitLab says, as equivalents around the words that matter, and the forms in which it reaches a terminal. Pure.
 */
import type { InternalCall } from '../contract';

export const keyExpired = 'Your SSH key has expired.';
export const blocked = 'Your account has been blocked.';
export const notFound = "The project you were looking for could not be found or you don't have permission to view it.";
export const archived = "You can't push code to an archived project.";
export const noWriteKey = 'This deploy key does not have write access to this project.';
export const noPush = 'You are not allowed to push code to this project.';
export const noDownload = 'You are not allowed to download code from this project.';
export const unknownCommand = 'Unknown command';
export const noRepository = 'A repository for this project does not exist yet.';

export const hexBranch = 'You cannot create a branch with a 40-character hexadecimal branch name.';
export const deleteDefault = 'The default branch of a project cannot be deleted.';
export const forceProtected = 'You are not allowed to force push code to a protected branch on this project.';
export const createProtected = 'You are not allowed to create protected branches on this project.';
export const createProtectedByWeb = 'You can only create protected branches using the web interface and API.';
export const deleteProtected =
  'You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch.';
export const deleteProtectedByWeb = 'You can only delete protected branches using the web interface.';
export const pushProtected = 'You are not allowed to push code to protected branches on this project.';
export const changeTag = 'You are not allowed to change existing tags on this project.';
export const tagLikeDefault = 'You cannot use default branch name to create a tag.';
export const hexTag = 'You cannot create a tag with a SHA-1 or SHA-256 tag name.';
export const tagPattern = 'You cannot create a tag with a prohibited pattern.';
export const updateProtectedTag = 'Protected tags cannot be updated.';
export const deleteProtectedTag =
  'You are not allowed to delete protected tags from this project. Only a project maintainer or owner can delete a protected tag.';
export const deleteProtectedTagByWeb = 'You can only delete protected tags using the web interface.';
export const createProtectedTag = 'You are not allowed to create this tag as it is protected.';

export function emptyProject(branch: string, projectUrl: string): string {
  return `\nThe default branch (e.g. ${branch}) does not yet exist for this project.\nAsk a project Owner or Maintainer to create a default branch:\n\n  ${projectUrl}/-/project_members\n`;
}

export function largeBlobs(
  limitMib: number,
  blobs: readonly { readonly oid: string; readonly bytes: number }[],
): string {
  const lines = blobs.map(({ oid, bytes }) => `- ${oid} (${(bytes / 2 ** 20).toFixed(1)} MiB)`);
  return [`You are attempting to check in one or more blobs which exceed the ${limitMib}MiB limit:`, '', ...lines].join(
    '\n',
  );
}

export function mergeRequestLink(branch: string, url: string): string {
  return `To create a merge request for ${branch}, visit:\n  ${url}`;
}

const ruler = '='.repeat(72);

/** A refusal at connect: each line carries `remote: ` itself, since git has not started yet. */
export function connectBox(message: string, form: 'gitlab-sshd' | 'openssh'): string {
  const text = form === 'gitlab-sshd' ? `ERROR: ${message}` : message;
  const lines = ['', ruler, '', ...text.split('\n'), '', ruler, ''];
  return lines.map((line) => `remote: ${line}\n`).join('');
}

/** A refusal in pre-receive: git adds `remote: `, and only the first line names GitLab. */
export function preReceiveText(message: string): string {
  return `GitLab: ${message}\n`;
}

/** What Gitaly makes of an internal API that fails. */
export function internalFailure(call: InternalCall, message: string): string {
  const where = `http post to gitlab api /${call} endpoint: ${message}`;
  if (call === 'allowed') return `GitLab: ${message}`;
  return call === 'pre_receive' ? `calling pre_receive endpoint: ${where}` : `GitLab: ${where}`;
}

/** A message after a good push. */
export function postReceiveText(message: string): string {
  return `\n${message}\n\n`;
}
