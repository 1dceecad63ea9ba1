/**
 * What `status` shows of names that are other names of a branch on old while GitLab has refs of its own there. Where
 * both sides once had one it is a trouble; where only GitLab ever had it, it is told and nobody must decide.
 */
import type { Aliased } from '../contract/views';
import { showRef } from '../rules/refs';
import type { Trouble } from '../rules/values';
import type { Repository } from '../repository/open';
import { nextStep } from './nextstep';

export function isOnlyTold({ kind, agreed }: Trouble): boolean {
  return kind === 'aliased' && agreed === null;
}

export function aliasedNames({ config, journal }: Repository): Aliased[] {
  return journal
    .troubles()
    .filter(isOnlyTold)
    .map((trouble) => ({
      ref: showRef(trouble.ref),
      gitlab: trouble.gitlab,
      words: trouble.words,
      next: nextStep(config.path, trouble),
    }));
}
