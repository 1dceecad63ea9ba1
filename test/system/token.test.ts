/** The token of GitLab, and an address that is not GitLab's any more. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { expectDone, expectRefused, startWalk, type Walk } from './walk';

interface Stranger {
  readonly url: string;
  /** What it was shown. */
  readonly tokens: string[];
}

async function startStranger(t: TestContext): Promise<Stranger> {
  const tokens: string[] = [];
  const shown = ({ headers }: IncomingMessage): string[] =>
    [headers.authorization, headers['private-token']].flat().filter((one) => one !== undefined);
  const server = createServer((request, response) => {
    tokens.push(...shown(request));
    response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tokens };
}

function setGitlab({ lab }: Walk, values: Record<string, string>): void {
  lab.configure((settings) => Object.assign(settings['git-handover:gitlab'] as Record<string, unknown>, values));
}

test(
  'whoever changes the address of GitLab in the settings does not get the token at the next preview',
  { timeout: 600_000 },
  async (t) => {
    const walk = await startWalk(t, { repositories: ['team/app.git'], people: [] });
    expectDone(await walk.up());
    const { url: before } = walk.lab.gitlab;
    const stranger = await startStranger(t);
    setGitlab(walk, { url: stranger.url });
    const refusal = [new RegExp(`Cannot give the token to ${stranger.url}`), new RegExp(`gitlab.movedFrom: ${before}`)];
    expectRefused(await walk.preview(), ...refusal);
    expectRefused(await walk.up(), ...refusal);
    assert.deepEqual(stranger.tokens, []);
    // Of a word about another address nothing follows; the right one is taken.
    setGitlab(walk, { movedFrom: 'https://gitlab.example.com' });
    expectRefused(await walk.preview(), ...refusal);
    assert.deepEqual(stranger.tokens, []);
    setGitlab(walk, { movedFrom: before });
    expectRefused(await walk.preview());
    assert.notDeepEqual(stranger.tokens, []);
    setGitlab(walk, { url: before });
    expectDone(await walk.up());
  },
);
