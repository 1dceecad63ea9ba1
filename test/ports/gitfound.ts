/** Stories in which the simulated git once answered what real git does not: chance comes to them too seldom. */
import type { RefName } from '../../agent/rules/values';
import type { GitDoor } from './git';
import { begin, containment, loses, losesAnswers, looksAtGitlab, main, push, relation, set } from './gitsteps';
import type { Operation } from './kit/compare';

const b = 'refs/heads/b' as RefName;

export const found: Readonly<Record<string, readonly Operation<GitDoor>[]>> = {
  'a commit that never came is related to none': [...begin, relation('G', 'A'), relation('A', 'G')],
  'a walk ends at what is missing, also below what a tip contains': [...begin, loses('A'), containment(['B'], ['F'])],
  'a HEAD whose branch is gone is none': [...begin, set('gitlab', main, null), looksAtGitlab],
  'git tells of a missing commit, also of a ref that is stale': [
    ...begin,
    losesAnswers('after'),
    push(
      [
        { ref: main, before: 'E', after: 'E' },
        { ref: b, before: 'right', after: 'D' },
      ],
      false,
    ),
  ],
};
