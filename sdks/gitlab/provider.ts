/** An explicit provider: a second token, or a second GitLab, beside the one in the configuration. */
import * as pulumi from '@pulumi/pulumi';
import { withDefaults } from './utilities';

export interface ProviderArgs {
  baseUrl?: pulumi.Input<string>;
  cacertFile?: pulumi.Input<string>;
  clientCert?: pulumi.Input<string>;
  clientKey?: pulumi.Input<string>;
  configFile?: pulumi.Input<string>;
  context?: pulumi.Input<string>;
  earlyAuthCheck?: pulumi.Input<boolean>;
  enableAutoCiSupport?: pulumi.Input<boolean>;
  headers?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  insecure?: pulumi.Input<boolean>;
  retries?: pulumi.Input<number>;
  token?: pulumi.Input<string>;
}

/** Its outputs are those arguments that are texts. They come to life in ProviderResource: a field of the class would hide them. */
export interface Provider extends Readonly<Record<TextOutput, pulumi.Output<string | undefined>>> {}

type TextOutput = 'baseUrl' | 'cacertFile' | 'clientCert' | 'clientKey' | 'configFile' | 'context' | 'token';

export class Provider extends pulumi.ProviderResource {
  static readonly __pulumiType = 'gitlab';

  static override isInstance(obj: unknown): obj is Provider {
    return typeof obj === 'object' && obj !== null && (obj as Record<string, unknown>)['__pulumiType'] === `pulumi:providers:${Provider.__pulumiType}`;
  }

  constructor(name: string, args: ProviderArgs = {}, opts: pulumi.ResourceOptions = {}) {
    super(Provider.__pulumiType, name, wire(args), withDefaults(opts, ['token']));
  }
}

/** To a provider the engine speaks in texts: everything else travels as JSON. */
function wire(args: ProviderArgs): Record<string, pulumi.Input<unknown>> {
  const { earlyAuthCheck, enableAutoCiSupport, headers, insecure, retries, token, ...texts } = args;
  const json = (value: unknown): pulumi.Output<string> | undefined => (value === undefined ? undefined : pulumi.jsonStringify(value));
  return {
    baseUrl: undefined, cacertFile: undefined, clientCert: undefined, clientKey: undefined, configFile: undefined, context: undefined,
    ...texts,
    earlyAuthCheck: json(earlyAuthCheck),
    enableAutoCiSupport: json(enableAutoCiSupport),
    headers: json(headers),
    insecure: json(insecure),
    retries: json(retries),
    token: token === undefined ? undefined : pulumi.secret(token),
  };
}
