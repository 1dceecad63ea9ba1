/** Projects that tell a webhook what is pushed to them. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import type { Fixture } from './fixture';
import { startReceiver } from './receiver';
import type { Receiver } from './receiver';
import { rest } from './restclient';

export interface Hooked {
  readonly id: number;
  readonly path: string;
  readonly work: string;
  readonly first: string;
  readonly receiver: Receiver;
  readonly hook: number;
}

/** A filled project with a webhook for branches and tags. Only what comes later is told to it. */
export async function hooked(
  t: TestContext,
  lab: Fixture,
  name: string,
  {
    fields = {},
    tls = false,
    answer,
  }: { fields?: Record<string, unknown>; tls?: boolean; answer?: (response: ServerResponse) => void } = {},
): Promise<Hooked> {
  const { id, path, work, first } = await lab.filled(name);
  const receiver = await startReceiver({ tls, ...(answer === undefined ? {} : { answer }) });
  t.after(() => receiver.stop());
  const hook = await rest(lab.gitlab, `POST /projects/${id}/hooks`, {
    url: `${receiver.url}/${name}`,
    tag_push_events: true,
    ...fields,
  });
  lab.gitlab.deliveries.length = 0;
  return { id, path, work, first, receiver, hook: Number(hook['id']) };
}

export async function push(lab: Fixture, work: string, ...args: string[]): Promise<void> {
  const seen = await lab.agent.git(work, 'push', ...args);
  assert.equal(seen.code, 0, seen.output);
  await lab.gitlab.settled();
}

export function refsTold({ received }: Receiver): unknown[] {
  return received.map(({ body }) => body['ref']).sort();
}
