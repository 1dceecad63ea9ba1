/** Why the resident could not listen for GitLab's webhooks. Changes nothing; `pulumi preview` shows it. */
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import * as tls from 'node:tls';
import type { WebhookConfig } from '../contract/configs';
import type { Fault } from '../contract/views';
import { faults } from '../contract/faults';

/** `held`: the resident has the port already, so it is not tried. */
export async function webhookFaults(webhook: WebhookConfig, held: boolean): Promise<Fault[]> {
  return [...certificateFaults(webhook), ...(held ? [] : await portFaults(webhook))];
}

function certificateFaults({ tls: files }: WebhookConfig): Fault[] {
  if (files === null) return [];
  const unreadable = Object.entries(files).flatMap(([name, path]) => {
    const why = whyUnreadable(path);
    return why === null ? [] : [faults.webhookFile({ name, path, why }).fault];
  });
  if (unreadable.length > 0) return unreadable;
  try {
    tls.createSecureContext({ cert: fs.readFileSync(files.certificate), key: fs.readFileSync(files.key) });
    return [];
  } catch (error) {
    return [faults.webhookTls({ ...files, why: words(error) }).fault];
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
  return why === null ? [] : [faults.webhookPort({ host, port, why }).fault];
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
