/** GitLab's webhooks, which tell old of each push. They only make a pass come sooner: nothing waits for them. */
import * as gitlab from '@pulumi/gitlab';
import { phaseTable } from '../../agent/contract/phase';
import { stateName } from '../../agent/contract/statename';
import type { RepositorySettings } from '../config';
import type { Stack } from './shared';

/** Only where something comes from GitLab. In no order with the phase, which it must not hold up. */
export function declareWebhook(
  { settings: { webhook }, server, providers }: Stack,
  { key, config, phase }: RepositorySettings,
  project: gitlab.Project,
): gitlab.ProjectHook[] {
  if (webhook === null || !phaseTable[phase].toOld) return [];
  const args = {
    project: project.id,
    url: `${webhook.url}/${stateName(config.path)}`,
    token: server.webhookSecret,
    pushEvents: true,
    tagPushEvents: true,
    enableSslVerification: webhook.verifyCertificate,
    name: 'git-handover',
    description: 'Tells the old server of pushes',
  };
  return [new gitlab.ProjectHook(key, args, { provider: providers.main })];
}
