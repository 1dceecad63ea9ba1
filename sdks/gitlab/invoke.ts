/** Makes the two forms of a data source from its token: one for plain arguments and one for outputs. */
import * as pulumi from '@pulumi/pulumi';
import { invokeDefaults } from './utilities';

export type Deferred<A> = { [K in keyof A]: pulumi.Input<A[K]> };

export function invoke<R>(token: string, args: object, opts?: pulumi.InvokeOptions): Promise<R> {
  return pulumi.runtime.invoke(token, { ...args }, invokeDefaults(opts));
}

export function invokeOutput<R>(token: string, args: object, opts?: pulumi.InvokeOutputOptions): pulumi.Output<R> {
  return pulumi.runtime.invokeOutput(token, { ...args }, invokeDefaults(opts));
}
