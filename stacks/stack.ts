/**
 * The Pulumi program: from one checked configuration to GitLab's resources, the agent, and a phase for each repository.
 */
import * as pulumi from '@pulumi/pulumi';
import { asFault } from '../agent/contract/errors';
import { faults } from '../agent/contract/faults';
import { printable } from '../agent/contract/printable';
import { declareReading, peopleOf } from './resources/access';
import { readConfig, type Settings, valuesOf } from './config';
import { declareGroups, declareProviders } from './resources/gitlab';
import { Guard } from './resources/handover';
import { type Declared, declareRepository } from './resources/repository';
import type { Stack } from './resources/shared';
import { sentence } from './sentence';
import { declareHandover, declareServer, pathsOf, surveyAll } from './resources/server';
import { withoutTraces } from './traces';

/** What `@pulumi/pulumi` asks for. `pulumi` typed by hand takes the machine's Node. */
const nodeMajorMin = 22;

/** Throws where this program would run under a Node that Pulumi's library is not made for. */
export function checkNode(found: string): void {
  if (Number(found.split('.')[0]) < nodeMajorMin) throw faults.nodeHere({ found, majorMin: nodeMajorMin });
}

/** Declares everything; answers the stack's outputs. */
export async function declareStack(
  config: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv,
): Promise<Record<string, unknown>> {
  const settings = readConfig(valuesOf(config));
  const token = tokenOf(config, environment);
  const handover = declareHandover(settings, token);
  const found = await surveyAll(settings, handover);
  const providers = declareProviders(settings, token);
  const groups = declareGroups(settings, found, providers);
  const people = peopleOf(settings, found);
  const reading = declareReading(people, settings, groups, providers.main);
  const server = declareServer(settings, handover);
  const declared = withoutTraces(() =>
    declareRepositories({ settings, handover, providers, groups, people, keyOwner: found.keyOwner, server }),
  );
  const all = [server, ...reading, ...declared.flatMap((one) => one.all)];
  new Guard('guard', { repositories: pathsOf(settings.repositories) }, { provider: handover, dependsOn: all });
  return outputs(settings, declared, server);
}

function declareRepositories(stack: Stack): Declared[] {
  const declared: Declared[] = [];
  for (const repository of stack.settings.repositories)
    declared.push(declareRepository(stack, repository, declared[0]?.key));
  return declared;
}

function tokenOf(config: Readonly<Record<string, string>>, environment: NodeJS.ProcessEnv): string {
  const token = config['gitlab:token'] ?? environment['GITLAB_TOKEN'] ?? '';
  if (token === '') throw faults.noToken();
  return token;
}

function outputs(settings: Settings, declared: readonly Declared[], server: Stack['server']): Record<string, unknown> {
  const phases = Object.fromEntries(
    settings.repositories.map(({ key }, index) => [key, declared[index]?.repository.phase]),
  );
  return { phases, server: pulumi.interpolate`${server.os}, git ${server.git}, Node ${server.node}` };
}

/** A mistake of a person is a sentence, without the stack trace that Pulumi shows for other errors. */
export async function main(): Promise<Record<string, unknown>> {
  try {
    checkNode(process.versions.node);
    return await declareStack(pulumi.runtime.allConfig(), process.env);
  } catch (thrown) {
    const { message, next, exit } = asFault(thrown);
    if (exit === 1) throw thrown;
    throw sentence(printable(`${message}\n${next}`));
  }
}
