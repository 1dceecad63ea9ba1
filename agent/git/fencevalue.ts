/** What a fence is at GitLab: a blob, since a commit would meet the rules for pushes. Never used twice. */
import { createHash, randomBytes } from 'node:crypto';
import type { FenceValue, Oid } from '../rules/values';

export function newFenceValue(): FenceValue {
  const random = randomBytes(16).toString('hex');
  const text = fenceText(random);
  const oid = createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex') as Oid;
  return { oid, random };
}

/** ASCII only. */
export function fenceText(random: string): string {
  return `git-handover: where this project and its old server left each other.\n${random}\n`;
}
