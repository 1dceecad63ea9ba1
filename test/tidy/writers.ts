/**
 * Who changes files by calls of its own. What lies in a repository is changed through one door, which follows no link
 * (agent/machine/below.ts). Nobody can see from a call where it writes, so each module that needs no door is named
 * here with what it writes in: only the account may write there, or into pushes/, where no link is followed either.
 */
import ts from 'typescript';
import { everyNode, type Finding, type Source } from './source';

const state = 'a state folder';
const own = "the agent's folder";

const places: Readonly<Record<string, string>> = {
  'agent/machine/': 'what the door is made of, flock and the log',
  'agent/git/hookverdict.ts': state,
  'agent/git/networkfolder.ts': state,
  'agent/git/sendfolder.ts': state,
  'agent/hook/answer.ts': state,
  'agent/hook/doors.ts': own,
  'agent/hook/ownlease.ts': state,
  'agent/install/attach.ts': state,
  'agent/install/reach.ts': 'a folder for temporary files',
  'agent/install/setup.ts': own,
  'agent/install/sshfiles.ts': own,
  'agent/install/systemd.ts': "the account's units of systemd",
  'agent/install/unusednode.ts': own,
  'agent/objects/salvage.ts': 'the copy of a repair; only what is not there yet',
  'agent/repair/placerebuilt.ts': state,
  'agent/repository/damage.ts': state,
  'agent/repository/decisions.ts': own,
  'agent/repository/gitfacts.ts': state,
  'agent/repository/journal.ts': state,
  'agent/repository/leases.ts': state,
  'agent/repository/location.ts': 'the folder above the repository',
  'agent/repository/mend.ts': state,
  'agent/repository/ownhooks.ts': state,
  'agent/repository/passfailure.ts': state,
  'agent/repository/place.ts': state,
  'agent/repository/refusedpushes.ts': state,
  'agent/repository/sharing.ts': state,
  'agent/resident/': own,
};

const writers =
  /^(?:append|chmod|chown|copyFile|cp|lchown|link|lutimes|mkdir|mkdtemp|rename|rm|rmdir|symlink|truncate|unlink|utimes|write)\w*$/;
const helpers: ReadonlySet<string> = new Set(['replaceFile', 'replaceSoon', 'writeSealed', 'appendPlain']);

function oneDoorToRepositories(sources: readonly Source[]): Finding[] {
  const outside = sources.filter(
    ({ path }) => path.startsWith('agent/') && !Object.keys(places).some((place) => path.startsWith(place)),
  );
  return everyNode(outside, (node, say) => {
    if (ts.isCallExpression(node) && changesFiles(node))
      say('changes files by itself: in a repository use agent/machine/below.ts; else see test/tidy/writers.ts.');
  });
}

/** What is named by its state folder lies there. */
function changesFiles({ expression, arguments: [file, how] }: ts.CallExpression): boolean {
  if (file !== undefined && /\bstate\b/.test(file.getText())) return false;
  if (ts.isIdentifier(expression)) return helpers.has(expression.text);
  if (!ts.isPropertyAccessExpression(expression) || expression.expression.getText() !== 'fs') return false;
  const name = expression.name.text;
  return writers.test(name) || (name.startsWith('open') && how?.getText() !== "'r'");
}

/** The rule, what it must find, and what it must not. */
export const oneDoor = {
  rule: oneDoorToRepositories,
  bad: [
    { 'agent/git/a.ts': "fs.rmSync(path.join(directory, 'x'), { force: true });" },
    { 'agent/repair/a.ts': 'fs.renameSync(from, to);' },
    { 'agent/hook/a.ts': "replaceFile(path.join(directory, 'git-handover/where'), 'x');" },
    { 'agent/verbs/a.ts': "fs.openSync(file, 'wx', 0o600);" },
  ],
  good: {
    'agent/git/a.ts': "removeBelow({ root: directory, name: 'x' });\nfs.openSync(file, 'r');\nfs.readFileSync(file);",
    'agent/machine/a.ts': 'fs.renameSync(from, to);',
    'stacks/a.ts': 'fs.renameSync(from, to);',
  },
};
