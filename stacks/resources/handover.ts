/** Our own resources as the program sees them; the provider plugin behind them is stacks/provider. */
import * as pulumi from '@pulumi/pulumi';
import type { AgentConfig, RepositoryConfig } from '../../agent/contract/configs';
import type { Consent } from '../../agent/contract/verbs';
import type { Phase } from '../../agent/contract/phase';
import type { SurveyArgs, SurveyResult } from '../provider/survey';
import { sentence } from '../sentence';

/** Talks to one old server and one GitLab. */
export class Handover extends pulumi.ProviderResource {
  constructor(name: string, args: { settings: pulumi.Input<string> }, opts?: pulumi.ResourceOptions) {
    super('handover', name, args, opts);
  }
}

/** The agent on the old server. */
export class Server extends pulumi.CustomResource {
  /** Of the key pair that was made there. */
  declare readonly publicKey: pulumi.Output<string>;
  declare readonly git: pulumi.Output<string>;
  declare readonly node: pulumi.Output<string>;
  declare readonly os: pulumi.Output<string>;
  /** What GitLab shows with each webhook; empty without webhooks. Encrypted in the state. */
  declare readonly webhookSecret: pulumi.Output<string>;

  constructor(
    name: string,
    args: { folder: string; agent: AgentConfig; nodeSetting: string },
    opts: pulumi.CustomResourceOptions,
  ) {
    super(
      'handover:index:Server',
      name,
      {
        ...args,
        bundle: undefined,
        publicKey: undefined,
        git: undefined,
        node: undefined,
        os: undefined,
        webhookSecret: undefined,
      },
      { ...opts, additionalSecretOutputs: ['webhookSecret'] },
    );
  }
}

export interface RepositoryArgs extends RepositoryConfig {
  readonly phase: Phase;
  readonly consent: Consent;
  readonly defaultBranch: string | null;
}

/** A repository on old and the phase it is in. */
export class Repository extends pulumi.CustomResource {
  declare readonly phase: pulumi.Output<Phase>;

  constructor(name: string, args: RepositoryArgs, opts: pulumi.CustomResourceOptions) {
    super('handover:index:Repository', name, { ...args, epoch: undefined, head: undefined }, opts);
  }
}

/** What depends on it is gone before refs are copied. */
export class Gate extends pulumi.CustomResource {
  declare readonly project: pulumi.Output<string>;

  constructor(
    name: string,
    args: { path: string; project: pulumi.Input<string>; copying: boolean },
    opts: pulumi.CustomResourceOptions,
  ) {
    super('handover:index:Gate', name, args, opts);
  }
}

/** Refuses that an open repository is dropped, before anything else is deleted. */
export class Guard extends pulumi.CustomResource {
  constructor(name: string, args: { repositories: readonly string[] }, opts: pulumi.CustomResourceOptions) {
    super('handover:index:Guard', name, args, opts);
  }
}

/** One look at everything before resources are declared. Its errors are sentences, so they go without a stack trace. */
export async function survey(args: SurveyArgs, provider: Handover): Promise<SurveyResult> {
  try {
    const answer: unknown = await pulumi.runtime.invoke(
      'handover:index:survey',
      { args: JSON.stringify(args) },
      { provider },
    );
    return answer as SurveyResult;
  } catch (thrown) {
    throw sentence(String((thrown as Error).message).replace(/^invocation of \S+ returned an error: /, ''));
  }
}
