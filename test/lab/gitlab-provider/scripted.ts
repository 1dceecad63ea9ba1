/** A GitLab that answers by a script. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext } from 'node:test';
import { Rest } from './rest';
import type { Props } from './wire';

interface Scripted {
  readonly rest: Rest;
  /** `METHOD path body`, as they came; the body only where there was one. */
  readonly asked: string[];
}

/**
 * Answers of a GitLab, by request; several of one request are given in turn, the last one for ever. What is not in the
 * script is a 404.
 */
export async function scripted(
  t: TestContext,
  script: Readonly<Record<string, readonly (Props | Props[] | number)[]>>,
): Promise<Scripted> {
  const asked: string[] = [];
  const times = new Map<string, number>();
  const server = createServer(
    (request, response) =>
      void text(request).then((body) => {
        const line = `${request.method} ${String(request.url).replace('/api/v4', '')}`;
        asked.push(body === '' ? line : `${line} ${body}`);
        const turn = times.get(line) ?? 0;
        times.set(line, turn + 1);
        const answer = script[line]?.[turn] ?? script[line]?.at(-1) ?? 404;
        response
          .writeHead(typeof answer === 'number' ? answer : 200)
          .end(typeof answer === 'number' ? '' : JSON.stringify(answer));
      }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    rest: new Rest({ baseUrl, token: 'glpat', headers: {}, retriesMax: 0, signal: new AbortController().signal }),
    asked,
  };
}
