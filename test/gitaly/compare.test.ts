import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Fixture, makeFixture } from '../lab/gitlab/fixture';
import { type Case, sceneOf } from './cases';
import { withGitaly } from './gate';
import { type Picture, pictureOf } from './picture';
import { refCases } from './pushes';
import { refusalCases } from './refusals';

let plain: Fixture;
let gitaly: Fixture;

withGitaly(() => {
  describe('the plain kind against Gitaly: terminal, exit codes, refs, events and what the rules were asked', () => {
    before(async () => {
      [plain, gitaly] = await Promise.all([makeFixture({ kind: 'plain' }), makeFixture({ kind: 'gitaly' })]);
    });
    after(() => Promise.all([plain.close(), gitaly.close()]));

    for (const [index, each] of [...refCases, ...refusalCases].entries()) {
      test(each.name, async () => {
        const [mine, real] = await Promise.all([plain, gitaly].map((lab) => shown(lab, each, `case-${index}`)));
        assert.deepEqual(mine, real);
        // Two that fail alike are no proof.
        assert.deepEqual(
          { codes: real?.codes, refs: real?.refs },
          { codes: each.codes, refs: each.refs.map((ref) => `refs/${ref}`) },
        );
      });
    }
  });
});

async function shown(lab: Fixture, { run }: Case, name: string): Promise<Picture> {
  const project = await lab.filled(name);
  const seen = await run(sceneOf(lab, project));
  await lab.gitlab.settled();
  return pictureOf(lab, project, seen);
}
