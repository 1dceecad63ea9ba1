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
  const urls = repositories.map((name) => [name, urlsOf(lab, name)] as const);
  const persons = people.map((name) => [name, environmentOf(lab, name)] as const);
  const handbook = {
    ...serversOf(lab),
    repositories: Object.fromEntries(urls),
    people: Object.fromEntries(persons),
    pulumi: { project: lab.project, stack: 'lab', env: lab.env },
  };
  writeFileSync(file, `${JSON.stringify(handbook, null, 2)}\n`, { mode: 0o600 });
  const shell = join(lab.folder, 'env.sh');
  const exports = Object.entries(lab.env).map(([name, value]) => `export ${name}='${value}'\n`);
  writeFileSync(shell, exports.join(''), { mode: 0o600 });
  return [
    `The lab is up. Everything is also in ${existsSync(file) ? file : 'lab.json'}. Ctrl-C ends it.`,
    '',
    ...asOperator(lab, shell),
    '',
    'As somebody who pushes:',
    ...persons.map(([name, env]) => `  export ${quoted(env)}   # ${name}`),
    `  git clone ${urls[0]?.[1].old ?? ''} app`,
    `  git clone ${urls[0]?.[1].gitlab ?? ''} app   # once GitLab has it`,
    '',
    `The old server:  ssh -i ${lab.old.operatorKey} -p ${lab.old.port} ${lab.old.user}@${lab.old.host}`,
    `GitLab's API:    ${lab.gitlab.url}/api/v4   (token ${lab.env['GITLAB_TOKEN'] ?? ''})`,
    '',
  ].join('\n');
}

function urlsOf(lab: Lab, repository: string): { old: string; gitlab: string; oldPath: string } {
  return {
    old: lab.oldUrl(repository),
    gitlab: lab.gitlabUrl(`code/${repository.replace(/\.git$/, '')}`),
    oldPath: lab.old.repositoryPath(repository),
  };
}

function environmentOf(lab: Lab, name: string): Record<string, string | undefined> {
  const { env } = lab.person(name);
  return { GIT_SSH_COMMAND: env['GIT_SSH_COMMAND'], HOME: env['HOME'] };
}

function quoted(env: Record<string, string | undefined>): string {
  return Object.entries(env)
    .map(([key, value]) => `${key}="${value ?? ''}"`)
    .join(' ');
}

function serversOf({ old, gitlab, agentFolder, env }: Lab): Record<string, unknown> {
  const { host, port, user, operatorKey } = old;
  const { url, sshHost, sshPort } = gitlab;
  return {
    old: { host, port, user, operatorKey, agentFolder },
    gitlab: { url, token: env['GITLAB_TOKEN'], sshHost, sshPort },
  };
}

function asOperator(lab: Lab, shell: string): string[] {
  return [
    'As the operator:',
    `  . ${shell} && cd ${lab.project}`,
    '  pulumi up --stack lab',
    '  pulumi config set --stack lab git-handover:phase mirror && pulumi up --stack lab',
    '  npm run status -- --stack lab',
  ];
}

main().catch((error: unknown) => {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(3);
});
