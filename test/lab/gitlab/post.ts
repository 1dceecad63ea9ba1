/** One HTTP request with a body, without keeping its connection and without following where it is sent on to. */
import * as http from 'node:http';
import * as https from 'node:https';

export interface Posting {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends it, whatever it waits for. */
  readonly signal: AbortSignal;
  /** Whether the certificate must be one that this machine trusts. */
  readonly verify: boolean;
}

/** Answers the status once the whole answer is there. */
export function post(url: URL, { headers, body, signal, verify }: Posting): Promise<number> {
  const client = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      agent: false,
      signal,
      rejectUnauthorized: verify,
    };
    const request = client.request(url, options, (answer) => {
      answer
        .once('error', reject)
        .once('end', () => resolve(answer.statusCode ?? 0))
        .resume();
    });
    request.once('error', reject).end(body);
  });
}
