/** gitlab:index/group:Group */
import type { Kind } from '../kind';
import { until } from '../kind';
import { fromApi, levelName, levelNumber, toApi, type Translation } from '../names';
import { path, type Rest } from '../rest';
import { resourceSpec } from '../schema';
import { isObject, type Props } from '../wire';

const spec = resourceSpec('gitlab:index/group:Group');
const translation: Translation = {
  renamed: {
    visibilityLevel: 'visibility',
    allowedEmailDomainsLists: 'allowed_email_domains_list',
    ipRestrictionRanges: 'ip_restriction_ranges',
  },
  own: [
    'archiveOnDestroy',
    'permanentlyRemoveOnDelete',
    'avatar',
    'avatarHash',
    'defaultBranchProtectionDefaults',
    'pushRules',
  ],
};
/** Taken by POST; the rest follows in a PUT. */
const AT_CREATION = new Set([
  'name',
  'path',
  'visibilityLevel',
  'parentId',
  'description',
  'lfsEnabled',
  'requestAccessEnabled',
  'projectCreationLevel',
  'defaultBranch',
  'defaultBranchProtection',
  'defaultBranchProtectionDefaults',
  'membershipLock',
  'shareWithGroupLock',
  'subgroupCreationLevel',
  'mentionsDisabled',
  'emailsEnabled',
  'requireTwoFactorAuthentication',
  'twoFactorGracePeriod',
  'autoDevopsEnabled',
  'avatar',
  'avatarHash',
  'archiveOnDestroy',
  'permanentlyRemoveOnDelete',
]);
const DELETION = { what: 'the deletion of the group', timeoutMs: 600_000 };

export const group: Kind = {
  named: true,

  async create(rest, inputs) {
    const answer = await rest.call('POST', '/groups', body(part(inputs, true)));
    return String(answer['id']);
  },

  async settle(rest, id, inputs) {
    const later = part(inputs, false);
    if (Object.keys(later).length > 0) await rest.call('PUT', path`/groups/${id}`, body(later));
  },

  async read(rest, id, known) {
    const answer = await rest.find(path`/groups/${id}`);
    if (answer === null || isMarked(answer)) return null;
    const defaults = protectionDefaults(answer['default_branch_protection_defaults']);
    return {
      ...fromApi(answer, known, spec.outputs, translation),
      ...(defaults && { defaultBranchProtectionDefaults: defaults }),
    };
  },

  async update(rest, id, { changed, state }) {
    const { parentId, ...others } = changed;
    if (parentId !== undefined)
      await rest.call('POST', path`/groups/${id}/transfer`, parentId === null ? {} : { group_id: parentId });
    await rest.call('PUT', path`/groups/${id}`, { visibility: state['visibilityLevel'], ...body(others) });
  },

  async delete(rest, id, state) {
    if (state['archiveOnDestroy'] === true) return void (await rest.call('POST', path`/groups/${id}/archive`));
    await rest.remove(path`/groups/${id}`);
    await until(rest, DELETION, () => isGone(rest, path`/groups/${id}`));
    if (state['permanentlyRemoveOnDelete'] === true) await removeForGood(rest, path`/groups/${id}`, 'full_path');
  },
};

/** Marked for deletion counts as gone. */
export async function isGone(rest: Rest, resource: string): Promise<boolean> {
  const answer = await rest.find(resource);
  return answer === null || isMarked(answer);
}

/** The second step of a deletion that GitLab delays: names the path to which it renamed the thing. */
export async function removeForGood(rest: Rest, resource: string, pathField: string): Promise<void> {
  const marked = await rest.find(resource);
  if (marked === null) return;
  await rest.remove(`${resource}?permanently_remove=true&full_path=${encodeURIComponent(String(marked[pathField]))}`);
  await until(rest, DELETION, async () => (await rest.find(resource)) === null);
}

export function isMarked(answer: Props): boolean {
  return typeof answer['marked_for_deletion_on'] === 'string' || typeof answer['marked_for_deletion_at'] === 'string';
}

function part(inputs: Props, first: boolean): Props {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => AT_CREATION.has(name) === first));
}

function body(inputs: Props): Props {
  if (inputs['avatar'] !== undefined || inputs['pushRules'] !== undefined)
    throw new Error('this stand-in can set neither avatar nor pushRules of a group');
  const defaults = inputs['defaultBranchProtectionDefaults'];
  return {
    ...toApi(inputs, spec.inputs, translation),
    ...(isObject(defaults) && { default_branch_protection_defaults: sentDefaults(defaults) }),
  };
}

function sentDefaults(defaults: Props): Props {
  const { allowedToPushes, allowedToMerges, ...flags } = defaults;
  const levels = (names: unknown): Props[] => (names as unknown[]).map((name) => ({ access_level: levelNumber(name) }));
  return {
    ...toApi(flags, {}, {}),
    ...(allowedToPushes !== undefined && { allowed_to_push: levels(allowedToPushes) }),
    ...(allowedToMerges !== undefined && { allowed_to_merge: levels(allowedToMerges) }),
  };
}

function protectionDefaults(told: unknown): Props | null {
  if (!isObject(told)) return null;
  const names = (rows: unknown): string[] =>
    Array.isArray(rows) ? rows.filter(isObject).map((row) => levelName(row['access_level'])) : [];
  return {
    allowForcePush: told['allow_force_push'] === true,
    developerCanInitialPush: told['developer_can_initial_push'] === true,
    allowedToPushes: names(told['allowed_to_push']),
    allowedToMerges: names(told['allowed_to_merge']),
  };
}
