/** The cases about what is refused: by the rules, for its objects, or because GitLab's own parts fail. */
import { randomBytes } from 'node:crypto';
import { rest } from '../lab/gitlab/restclient';
import { type Case, inTurn, protect, rawCommit, rawObject, type Scene } from './cases';

type Declined = (scene: Scene, text: string) => () => void;

const decline: Declined = ({ lab, project }, text) =>
  lab.gitlab.misbehave({ kind: 'declined', refs: '*', text, project: project.path });

export const refusalCases: readonly Case[] = [
  {
    name: 'one refused ref among others, plain and atomic',
    codes: [1, 1],
    refs: ['heads/main A'],
    async run({ push, commit }) {
      await commit();
      const refs = ['HEAD:refs/heads/good', `HEAD:refs/heads/${'a'.repeat(40)}`];
      return inTurn(
        () => push('origin', ...refs),
        () => push('--atomic', 'origin', ...refs),
      );
    },
  },
  {
    name: 'protected branches and tags: forced, deleted, moved; the default branch deleted',
    codes: [1, 1, 1, 1, 1],
    refs: ['heads/main A', 'heads/release/1 B', 'heads/topic B', 'tags/v1 A'],
    async run(scene) {
      const { lab, project, push, commit } = scene;
      await push('origin', 'HEAD:refs/tags/v1');
      const second = await commit();
      await push('origin', `${second}:refs/heads/release/1`, 'HEAD:refs/heads/topic');
      await protect(scene, 'release/*');
      await rest(lab.gitlab, `POST /projects/${project.id}/protected_tags`, { name: 'v*', create_access_level: 40 });
      return inTurn(
        () => push('--force', 'origin', `${project.first}:refs/heads/release/1`),
        () => push('origin', ':refs/heads/release/1', ':topic'),
        () => push('--force', 'origin', 'HEAD:refs/tags/v1'),
        () => push('origin', ':refs/tags/v1'),
        () => push('origin', ':main'),
      );
    },
  },
  {
    name: 'a refusal of several lines, of an empty line, with letters beyond ASCII, of a deletion',
    codes: [1, 1, 1],
    refs: ['heads/main A', 'heads/x A'],
    async run(scene) {
      const { push, commit } = scene;
      await push('origin', 'HEAD:refs/heads/x');
      await commit();
      const heal = decline(scene, 'No ticket in »voilà«.\n\nAsk here:\n  http://tickets.invalid/');
      const seen = await inTurn(
        () => push('origin', 'HEAD:refs/heads/y'),
        () => push('origin', ':x'),
        () => push('--porcelain', 'origin', 'HEAD:refs/heads/z'),
      );
      heal();
      return seen;
    },
  },
  {
    name: 'words after a push: the link for a merge request',
    codes: [0, 0, 0],
    refs: ['heads/main A', 'heads/more A'],
    async run({ lab, project, push, commit }) {
      await rest(lab.gitlab, `PUT /projects/${project.id}`, { printing_merge_request_link_enabled: true });
      await commit();
      return inTurn(
        () => push('origin', 'HEAD:refs/heads/topic', 'HEAD:refs/heads/more'),
        () => push('origin', 'HEAD:main'),
        () => push('origin', ':topic'),
      );
    },
  },
  {
    name: 'broken objects, and those that are let through',
    codes: [1, 0, 1, 0],
    refs: ['heads/main A', 'heads/odd B', 'heads/padded C'],
    async run(scene) {
      const { push } = scene;
      const blob = await rawObject(scene, 'blob', 'x');
      const raw = Buffer.from(blob, 'hex').toString('latin1');
      const tree = async (content: string): Promise<string> =>
        rawCommitOf(scene, await rawObject(scene, 'tree', content));
      const [bad, odd, dotGit, padded] = [
        await rawCommit(scene, 'A a@b 1 +0000'),
        await rawCommit(scene, 'A <a@b> 1 +051800'),
        await tree(`100644 .git\0${raw}`),
        await tree(`0100644 x\0${raw}`),
      ];
      return inTurn(
        () => push('origin', `${bad}:refs/heads/bad`, 'HEAD:refs/heads/good'),
        () => push('origin', `${odd}:refs/heads/odd`),
        () => push('origin', `${dotGit}:refs/heads/dotgit`),
        () => push('origin', `${padded}:refs/heads/padded`),
      );
    },
  },
  {
    name: 'refused when connecting: no such project, archived, without the right to write, read-only',
    codes: [128, 128, 128, 128],
    refs: ['heads/main A'],
    async run({ lab, project, push, git }) {
      const { reporter } = lab.people;
      const read = await reporter.person.clone(project.url);
      await reporter.person.commit(read, 'mine');
      const heal = lab.gitlab.misbehave({
        kind: 'no-access',
        text: 'The repository is temporarily read-only.',
        project: project.path,
      });
      const readOnly = await push('origin', 'HEAD:refs/heads/x');
      heal();
      const withoutRight = await reporter.person.git(read, 'push', 'origin', 'HEAD:main');
      await rest(lab.gitlab, `POST /projects/${project.id}/archive`);
      return [
        readOnly,
        withoutRight,
        ...(await inTurn(
          () => push('origin', 'HEAD:refs/heads/x'),
          () => git('ls-remote', project.url.replace('.git', '-not.git')),
        )),
      ];
    },
  },
  {
    name: 'a pack above the limit',
    codes: [1, 0],
    refs: ['blobs/large A', 'heads/main B'],
    async run(scene) {
      const { lab, push } = scene;
      const blob = await rawObject(scene, 'blob', randomBytes(1_500_000).toString('latin1'));
      await rest(lab.gitlab, 'PUT /application/settings', { receive_max_input_size: 1 });
      const seen = await push('origin', `${blob}:refs/blobs/large`);
      await rest(lab.gitlab, 'PUT /application/settings', { receive_max_input_size: null });
      return [seen, await push('origin', `${blob}:refs/blobs/large`)];
    },
  },
  ...(['allowed', 'pre_receive', 'post_receive'] as const).map((call): Case => ({
    name: `the internal API fails at ${call}: with a message, without one`,
    ...(call === 'post_receive'
      ? { codes: [0, 0], refs: ['heads/main A', 'heads/one B', 'heads/two B'] }
      : { codes: [1, 1], refs: ['heads/main A'] }),
    async run({ lab, push, commit }) {
      await commit();
      const failing = async (name: string, message: string | null) => {
        const heal = lab.gitlab.misbehave({ kind: 'internal-api', call, status: 500, message });
        const seen = await push('origin', `HEAD:refs/heads/${name}`);
        heal();
        return seen;
      };
      return inTurn(
        () => failing('one', 'The database is asleep.'),
        () => failing('two', null),
      );
    },
  })),
];

async function rawCommitOf(scene: Scene, tree: string): Promise<string> {
  return rawObject(scene, 'commit', `tree ${tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n`);
}
