/** The cases about refs: what goes through, and what git itself refuses. */
import { type Case, inTurn, overtaken, plant, withoutServerErrors } from './cases';

export const refCases: readonly Case[] = [
  {
    name: 'branches and tags: created, moved on, forced, deleted, and nothing to do',
    codes: [0, 0, 0, 0, 0, 0, 1],
    refs: ['heads/a A', 'heads/c B', 'heads/main B'],
    async run({ push, commit, project: { first } }) {
      const second = await commit();
      return inTurn(
        () => push('origin', 'HEAD:refs/heads/a', 'HEAD:refs/heads/b', 'HEAD:refs/tags/t'),
        () => push('origin', 'HEAD:main'),
        () => push('origin', 'HEAD:main'),
        () => push('--force', 'origin', `${first}:refs/heads/a`, `${first}:refs/tags/t`),
        () => push('origin', ':b', ':refs/tags/t'),
        () => push('--quiet', 'origin', `${second}:refs/heads/c`),
        () => push('origin', ':nothing'),
      );
    },
  },
  {
    name: 'four branches in one push',
    codes: [0],
    refs: ['heads/1 A', 'heads/2 A', 'heads/3 A', 'heads/4 A', 'heads/main A'],
    async run({ push }) {
      return [await push('origin', ...['1', '2', '3', '4'].map((name) => `HEAD:refs/heads/${name}`))];
    },
  },
  {
    name: 'an annotated tag, and a tag of a tag',
    codes: [0],
    refs: ['heads/main A', 'tags/v1 B', 'tags/v2 C'],
    async run({ git, push }) {
      await git('tag', '--annotate', '--message', 'one', 'v1');
      await git('tag', '--annotate', '--message', 'two', 'v2', 'v1');
      return [await push('origin', 'v1', 'v2')];
    },
  },
  {
    name: 'no fast-forward without force, alone and in an atomic push',
    codes: [1, 1],
    refs: ['heads/main A', 'heads/x B'],
    async run({ git, push, commit, project: { first } }) {
      await commit();
      await push('origin', 'HEAD:main');
      await git('reset', '--quiet', '--hard', first);
      await commit();
      return inTurn(
        () => push('origin', 'HEAD:main', 'HEAD:refs/heads/x'),
        () => push('--atomic', 'origin', 'HEAD:main', 'HEAD:refs/heads/y'),
      );
    },
  },
  {
    name: 'leases: right, stale, atomic',
    codes: [1, 1, 0, 0],
    refs: ['heads/main A', 'heads/new A', 'heads/x A', 'heads/z A'],
    async run({ push, commit, project: { first } }) {
      const second = await commit();
      const lease = (value: string): string => `--force-with-lease=refs/heads/main:${value}`;
      return inTurn(
        () => push(lease(second), 'origin', 'HEAD:refs/heads/main', 'HEAD:refs/heads/x'),
        () => push('--atomic', lease(second), 'origin', 'HEAD:refs/heads/main', 'HEAD:refs/heads/y'),
        () => push('--atomic', lease(first), 'origin', 'HEAD:refs/heads/main', 'HEAD:refs/heads/z'),
        () => push('--porcelain', '--force-with-lease=refs/heads/new:', 'origin', 'HEAD:refs/heads/new'),
      );
    },
  },
  {
    name: 'a ref that moves while the push is looked at',
    codes: [1, 1],
    refs: ['heads/a A', 'heads/b B', 'heads/main A', 'heads/other C'],
    async run(scene) {
      const {
        commit,
        push,
        project: { first },
      } = scene;
      await push('origin', 'HEAD:refs/heads/a', 'HEAD:refs/heads/b');
      const second = await commit();
      await push('origin', `${second}:refs/heads/other`);
      await commit();
      const refs = ['HEAD:refs/heads/a', 'HEAD:refs/heads/b'];
      const seen = await overtaken(scene, 'refs/heads/a', second, 'origin', ...refs);
      await commit();
      const lease = ['--atomic', `--force-with-lease=refs/heads/a:${second}`, '--force-with-lease=refs/heads/b'];
      return [seen, await overtaken(scene, 'refs/heads/a', first, ...lease, 'origin', ...refs)];
    },
  },
  {
    name: 'a branch that is created while the push creates it',
    codes: [1],
    refs: ['heads/main A', 'heads/new A'],
    async run(scene) {
      await scene.commit();
      return [await overtaken(scene, 'refs/heads/new', scene.project.first, 'origin', 'HEAD:refs/heads/new')];
    },
  },
  {
    name: 'a branch below another branch',
    codes: [0, 1, 1],
    refs: ['heads/b1 A', 'heads/fine A', 'heads/main A'],
    async run({ push }) {
      return inTurn(
        () => push('origin', 'HEAD:refs/heads/b1'),
        () => push('origin', 'HEAD:refs/heads/b1/sub', 'HEAD:refs/heads/fine'),
        () => push('--atomic', 'origin', 'HEAD:refs/heads/b1/sub', 'HEAD:refs/heads/finer'),
      );
    },
  },
  {
    name: 'refs of GitLab itself: set, deleted, beside others, atomic',
    codes: [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
    refs: ['heads/fine A', 'heads/finer A', 'heads/main B'],
    async run(scene) {
      for (const name of [
        'merge-requests/1/head',
        'keep-around/x',
        'pipelines/1',
        'environments/e',
        'remotes/r',
        'tmp/t',
      ])
        plant(scene, 'update-ref', `refs/${name}`, scene.project.first);
      await scene.commit();
      const { git, push } = scene;
      return inTurn(
        ...['merge-requests/1/head', 'keep-around/x', 'pipelines/2', 'environments/f', 'remotes/s', 'tmp/u'].map(
          (name) => () => push('origin', `HEAD:refs/${name}`),
        ),
        () => push('origin', ':refs/merge-requests/1/head'),
        () => push('origin', 'HEAD:refs/keep-around/y', 'HEAD:refs/heads/fine'),
        () => push('--atomic', 'origin', 'HEAD:refs/keep-around/y', 'HEAD:refs/heads/finer'),
        () => git('ls-remote', 'origin'),
        () => git('-c', 'protocol.version=0', 'ls-remote', 'origin'),
      );
    },
  },
  {
    name: 'any other namespace',
    codes: [0, 0],
    refs: ['heads/main A', 'notes/n A'],
    async run({ push }) {
      return inTurn(
        () => push('origin', 'HEAD:refs/weird/x', 'HEAD:refs/notes/n'),
        () => push('origin', ':refs/weird/x'),
      );
    },
  },
  {
    name: "HEAD's branch, where the rules let it go",
    codes: [1],
    refs: ['heads/main A', 'heads/other A', 'heads/topic A'],
    async run(scene) {
      await scene.push('origin', 'HEAD:refs/heads/topic');
      plant(scene, 'symbolic-ref', 'HEAD', 'refs/heads/topic');
      return [await scene.push('origin', ':topic', 'HEAD:refs/heads/other')];
    },
  },
  {
    name: 'push options',
    codes: [0],
    refs: ['heads/main A', 'heads/x A'],
    async run({ push }) {
      return [await push('-o', 'ci.skip', '-o', 'ci.variable=A=b,c', 'origin', 'HEAD:refs/heads/x')];
    },
  },
  {
    name: 'fetches: shallow, without blobs, of an id that no ref has, of a hidden ref',
    codes: [0, 0, 0, 128, 128],
    refs: ['heads/main A'],
    async run(scene) {
      const { git, push, commit, project } = scene;
      const lost = await commit();
      await push('origin', 'HEAD:refs/heads/x');
      await push('origin', ':x');
      plant(scene, 'update-ref', 'refs/keep-around/x', project.first);
      return inTurn(
        () => git('clone', '--quiet', '--depth=1', project.url, '../shallow'),
        () => git('clone', '--quiet', '--bare', '--filter=blob:none', project.url, '../blobless'),
        () => git('fetch', '--quiet', 'origin', lost),
        () => git('fetch', '--quiet', 'origin', 'refs/keep-around/x'),
        async () => withoutServerErrors(await git('fetch', '--quiet', 'origin', 'b'.repeat(40))),
      );
    },
  },
];
