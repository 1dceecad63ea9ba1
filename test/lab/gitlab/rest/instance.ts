/** The instance itself: who am I, which version, settings. */
import type { Instance } from '../instance';
import { levelInGroup } from '../access';
import { level } from '../model';
import type { User } from '../model';
import { ok } from './router';
import type { Answer, Routes } from './router';
import { needAdmin } from './scope';
import { userBody } from './users';

const settable = [
  'allow_local_requests_from_web_hooks_and_services',
  'allow_local_requests_from_system_hooks',
  'outbound_local_requests_whitelist',
  'dns_rebinding_protection_enabled',
  'push_event_hooks_limit',
  'push_event_activities_limit',
  'gitlab_shell_operation_limit',
  'receive_max_input_size',
  'default_branch_name',
  'default_branch_protection',
  'deletion_adjourned_period',
];

export const instanceRoutes: Routes = {
  'GET user': ({ user }) => ok(userBody(user, user)),
  'GET version': ({ instance }) => ok({ version: instance.options.version, revision: 'abc123' }),
  'GET metadata': ({ instance }) =>
    ok({
      version: instance.options.version,
      revision: 'abc123',
      kas: { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null },
      enterprise: instance.options.enterprise,
    }),
  'GET application/settings': (call) => {
    needAdmin(call);
    return ok(settingsBody(call.instance));
  },
  'PUT application/settings': (call) => {
    needAdmin(call);
    for (const name of settable.filter((each) => call.fields.has(each)))
      call.instance.world.settings.set(name, call.fields.raw(name));
    return ok(settingsBody(call.instance));
  },
};

/** The one GraphQL query that the provider makes. */
export function currentUser({ world }: Instance, user: User): Answer {
  const groupCount = [...world.groups.values()].filter((group) => levelInGroup(world, group, user) > level.none).length;
  const namespace = { id: `gid://gitlab/Namespaces::UserNamespace/${user.namespaceId}` };
  return ok({
    data: {
      currentUser: {
        name: user.name,
        bot: false,
        groupCount,
        id: `gid://gitlab/User/${user.id}`,
        namespace,
        publicEmail: '',
        username: user.username,
      },
    },
  });
}

function settingsBody({ world }: Instance): Record<string, unknown> {
  return { id: 1, ...Object.fromEntries(world.settings) };
}
