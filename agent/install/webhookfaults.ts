/** Why the resident could not listen for GitLab's webhooks. Changes nothing; `pulumi preview` shows it. */
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import * as tls from 'node:tls';
import type { Fault, WebhookConfig } from '../contract/contract';
import { mistake } from '../contract/errors';

/** `held`: the resident has the port already, so it is not tried. */
export async function webhookFaults(webhook: WebhookConfig, held: boolean): Promise<Fault[]> {
  return [...certificateFaults(webhook), ...(held ? [] : await portFaults(webhook))];
}

function certificateFaults({ tls: files }: WebhookConfig): Fault[] {
  if (files === null) return [];
  const unreadable = Object.entries(files).flatMap(([name, path]) => {
    const why = whyUnreadable(path);
    return why === null
      ? []
      : [
          fault(
            `webhook-${name}`,
            `Cannot listen for webhooks as ${path} must be readable for the account of the agent: ${why}.`,
            `Correct \`agent.webhook.${name}\`, or let the account read the file.`,
          ),
        ];
  });
  if (unreadable.length > 0) return unreadable;
  try {
    tls.createSecureContext({ cert: fs.readFileSync(files.certificate), key: fs.readFileSync(files.key) });
    return [];
  } catch (error) {
    return [
      fault(
        'webhook-tls',
        `Cannot listen for webhooks as ${files.certificate} and ${files.key} must be a certificate and its key, in PEM and without a passphrase: ${words(error)}.`,
        'Correct `agent.webhook.certificate` and `agent.webhook.key`.',
      ),
    ];
  }
}

function whyUnreadable(path: string): string | null {
  try {
    fs.readFileSync(path);
    return null;
  } catch (error) {
    return words(error);
  }
}

async function portFaults({ host, port }: WebhookConfig): Promise<Fault[]> {
  const why = await new Promise<string | null>((done) => {
    const server = createServer();
    server.once('error', (error) => done(words(error)));
    server.listen({ host, port }, () => server.close(() => done(null)));
  });
  return why === null
    ? []
    : [
        fault(
          'webhook-port',
          `Cannot listen for webhooks as ${host}, port ${port}, must be free on the old server: ${why}.`,
          'Choose another `agent.webhook.listen`, or end what holds it.',
        ),
      ];
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fault(code: string, message: string, next: string): Fault {
  return mistake(code, message, next).fault;
}
