/**
 * gitlab:index/projectShareGroup:ProjectShareGroup and gitlab:index/groupShareGroup:GroupShareGroup: every change
 * replaces.
 */
import { halves, joined, type Kind } from '../kind';
import { levelName, levelNumber } from '../names';
import { path } from '../rest';
import { isObject, type Props } from '../wire';

interface Where {
  readonly container: 'projects' | 'groups';
  /** Property that names what is shared, and the one that names with whom. */
  readonly shared: 'project' | 'groupId';
  readonly guest: 'groupId' | 'shareGroupId';
}

export const projectShareGroup = share({ container: 'projects', shared: 'project', guest: 'groupId' });
export const groupShareGroup = share({ container: 'groups', shared: 'groupId', guest: 'shareGroupId' });

function share({ container, shared, guest }: Where): Kind {
  const place = (id: unknown): string => `/${container}${path`/${String(id)}`}`;
  return {
    replaces: [shared, guest, 'groupAccess', 'expiresAt', 'memberRoleId'],

    async create(rest, inputs) {
      await rest.call('POST', `${place(inputs[shared])}/share`, terms(inputs, inputs[guest]));
      return joined(inputs[shared], inputs[guest]);
    },

    async read(rest, id, known) {
      const [sharedId, guestId] = halves(id);
      const answer = await rest.find(place(sharedId));
      const row = answer && rows(answer).find((candidate) => String(candidate['group_id']) === guestId);
      if (!row) return null;
      const expiry = typeof row['expires_at'] === 'string' ? { expiresAt: row['expires_at'] } : {};
      return {
        ...known,
        [shared]: sharedId,
        [guest]: Number(guestId),
        groupAccess: levelName(row['group_access_level']),
        ...expiry,
      };
    },

    async delete(rest, id) {
      const [sharedId, guestId] = halves(id);
      await rest.remove(`${place(sharedId)}/share${path`/${guestId}`}`);
    },
  };
}

function terms({ groupAccess, expiresAt, memberRoleId }: Props, guest: unknown): Props {
  return {
    group_id: guest,
    group_access: levelNumber(groupAccess),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(memberRoleId !== undefined && { member_role_id: memberRoleId }),
  };
}

function rows(answer: Props): Props[] {
  const found = answer['shared_with_groups'];
  return Array.isArray(found) ? found.filter(isObject) : [];
}
