/** Errors that people read without a stack trace. */
import * as pulumi from '@pulumi/pulumi';

/**
 * Pulumi prints the message of a RunError alone, but inspects its stack before; Node 20 does not come back from
 * colouring a frame that lies directly in a scope folder of node_modules, as RunError's own does. So the frames go.
 */
export function sentence(text: string): Error {
  const error = new pulumi.RunError(text);
  error.stack = text;
  return error;
}
