/** What every registration tells the engine, so that it loads the plugin of this very version. */
import { mergeOptions, type CustomResourceOptions, type InvokeOptions } from '@pulumi/pulumi';

// A call, so that bundlers take the file along without a setting of the compiler.
const { version } = require('./package.json') as { version: string };

export function getVersion(): string {
  return version;
}

export function resourceOptsDefaults(): { version: string } {
  return { version: getVersion() };
}

export function withDefaults(opts: CustomResourceOptions, secrets: readonly string[]): CustomResourceOptions {
  const versioned = mergeOptions(resourceOptsDefaults(), opts);
  return secrets.length === 0 ? versioned : mergeOptions(versioned, { additionalSecretOutputs: [...secrets] });
}

export function invokeDefaults<O extends InvokeOptions>(opts: O | undefined): O {
  return { ...resourceOptsDefaults(), ...opts } as O;
}
