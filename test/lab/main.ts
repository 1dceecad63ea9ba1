/**
 * npm run lab [-- --repositories <n>] [--gitlab plain|gitaly]
 *
 * Starts an old git server, a GitLab stand-in and a ready Pulumi stack on 127.0.0.1, prints what is needed to use them
 * by hand, writes the same to lab.json in the current folder, and ends cleanly on Ctrl-C.
 *
 *   npm run lab
 *   npm run lab -- --repositories 3 --gitlab gitaly
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { takeHistory } from './demo/history';
import { type Lab, startLab } from './lab';
import { chooseKind } from './gitlab/kind';
import { tools } from './toolchain';

const people = ['ada', 'bob'];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      repositories: { type: 'string', default: '1' },
      gitlab: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const count = Number(values.repositories);
  if (values.help || !Number.isInteger(count) || count < 1 || count > 50 || !chooseKind(values.gitlab)) {
    process.stdout.write('npm run lab [-- --repositories <1 to 50>] [--gitlab plain|gitaly]\n');
    process.exit(values.help ? 0 : 2);
  }
  const names = Array.from({ length: count }, (_, index) =>
    index === 0 ? 'team/app.git' : `team/app-${index + 1}.git`,
  );
  const lab = await startLab({ repositories: names, people });
  for (const name of names) takeHistory(tools().project, lab.old.repositoryPath(name));
  const file = resolve('lab.json');
  const leave = writeHandbook(lab, names, file);
  let leaving = false;
  const stop = (): void => {
    if (leaving) return;
    leaving = true;
    process.stdout.write('\nEnding the lab …\n');
    rmSync(file, { force: true });
    void lab.close().then(() => process.exit(0));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  process.stdout.write(leave);
  setInterval(() => undefined, 60_000);
}

/** Everything to use it by hand, as JSON into `file` and as text for the terminal. */
function writeHandbook(lab: Lab, repositories: readonly string[], file: string): string {
  const persons = Object.fromEntries(
    people.map((name) => [
      name,
      { GIT_SSH_COMMAND: lab.person(name).env['GIT_SSH_COMMAND'], HOME: lab.person(name).env['HOME'] },
    ]),
  );
  const urls = Object.fromEntries(
    repositories.map((name) => [
      name,
      {
        old: lab.oldUrl(name),
        gitlab: lab.gitlabUrl(`code/${name.replace(/\.git$/, '')}`),
        oldPath: lab.old.repositoryPath(name),
      },
    ]),
  );
  const handbook = {
    old: {
      host: lab.old.host,
      port: lab.old.port,
      user: lab.old.user,
      operatorKey: lab.old.operatorKey,
      agentFolder: lab.agentFolder,
    },
    gitlab: {
      url: lab.gitlab.url,
      token: lab.env['GITLAB_TOKEN'],
      sshHost: lab.gitlab.sshHost,
      sshPort: lab.gitlab.sshPort,
    },
    repositories: urls,
    people: persons,
    pulumi: { project: lab.project, stack: 'lab', env: lab.env },
  };
  writeFileSync(file, `${JSON.stringify(handbook, null, 2)}\n`, { mode: 0o600 });
  const shell = join(lab.folder, 'env.sh');
  writeFileSync(
    shell,
    Object.entries(lab.env)
      .map(([name, value]) => `export ${name}='${value}'\n`)
      .join(''),
    { mode: 0o600 },
  );
  const [first = ''] = repositories;
  return [
    `The lab is up. Everything is also in ${existsSync(file) ? file : 'lab.json'}. Ctrl-C ends it.`,
    '',
    'As the operator:',
    `  . ${shell} && cd ${lab.project}`,
    '  pulumi up --stack lab',
    '  pulumi config set --stack lab git-handover:phase mirror && pulumi up --stack lab',
    '  npm run status -- --stack lab',
    '',
    'As somebody who pushes:',
    ...people.map(
      (name) =>
        `  export ${Object.entries(persons[name] ?? {})
          .map(([key, value]) => `${key}="${value ?? ''}"`)
          .join(' ')}   # ${name}`,
    ),
    `  git clone ${urls[first]?.old ?? ''} app`,
    `  git clone ${urls[first]?.gitlab ?? ''} app   # once GitLab has it`,
    '',
    `The old server:  ssh -i ${lab.old.operatorKey} -p ${lab.old.port} ${lab.old.user}@${lab.old.host}`,
    `GitLab's API:    ${lab.gitlab.url}/api/v4   (token ${lab.env['GITLAB_TOKEN'] ?? ''})`,
    '',
  ].join('\n');
}

main().catch((error: unknown) => {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(3);
});
