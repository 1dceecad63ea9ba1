/** Deleting projects and groups: since 18.0 in two steps, the first of which renames. */
import { accepted } from './router';
import { badRequest } from './refusal';
import type { Answer, Call } from './router';
import { versionAtLeast } from '../world';

export interface Deletable {
  readonly id: number;
  path: string;
  markedForDeletionOn: string | null;
}

export async function deleteInSteps(
  call: Call,
  { entry, fullPath, remove }: { entry: Deletable; fullPath: string; remove: () => Promise<void> },
): Promise<Answer> {
  const permanently = call.fields.flag('permanently_remove') === true;
  if (permanently) needMarked(call, entry, fullPath);
  if (permanently || !versionAtLeast(call.instance.options.version, 18, 0)) await remove();
  else mark(entry);
  return accepted();
}

export function restore(entry: Deletable): void {
  entry.markedForDeletionOn = null;
  entry.path = entry.path.replace(/-deletion_scheduled-\d+$/, '');
}

function mark(entry: Deletable): void {
  if (entry.markedForDeletionOn !== null) throw badRequest('has already been marked for deletion');
  entry.markedForDeletionOn = new Date().toISOString().slice(0, 10);
  entry.path = `${entry.path}-deletion_scheduled-${entry.id}`;
}

function needMarked({ fields }: Call, entry: Deletable, fullPath: string): void {
  if (entry.markedForDeletionOn === null) throw badRequest('Project or group must be marked for deletion first.');
  if (fields.text('full_path') !== fullPath)
    throw badRequest('`full_path` is incorrect. You must enter the complete path.');
}
