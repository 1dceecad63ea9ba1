/** gitlab:index/projectMembership:ProjectMembership and gitlab:index/groupMembership:GroupMembership */
import { halves, joined, type Kind } from '../kind';
import { levelName, levelNumber } from '../names';
import { path } from '../rest';
import type { Props } from '../wire';

interface Where {
  readonly container: 'projects' | 'groups';
  readonly property: 'project' | 'groupId';
  readonly deletion: (state: Props) => string;
}

export const projectMembership = membership({ container: 'projects', property: 'project', deletion: () => '' });

export const groupMembership = membership({
  container: 'groups',
  property: 'groupId',
  deletion: (state) =>
    `?skip_subresources=${state['skipSubresourcesOnDestroy'] === true}&unassign_issuables=${state['unassignIssuablesOnDestroy'] === true}`,
});

function membership({ container, property, deletion }: Where): Kind {
  const members = (id: unknown): string => `/${container}${path`/${String(id)}/members`}`;
  const member = (id: string): string => `${members(halves(id)[0])}${path`/${halves(id)[1]}`}`;
  return {
    replaces: [property, 'userId'],

    async create(rest, inputs) {
      await rest.call('POST', members(inputs[property]), { user_id: inputs['userId'], ...rights(inputs) });
      return joined(inputs[property], inputs['userId']);
    },

    /** Direct members only: who has a role from above is not one. */
    async read(rest, id, known) {
      const answer = await rest.find(member(id));
      if (answer === null) return null;
      const [place, user] = halves(id);
      const own = container === 'groups' ? { skipSubresourcesOnDestroy: false, unassignIssuablesOnDestroy: false } : {};
      return {
        ...own,
        ...known,
        [property]: property === 'groupId' ? Number(place) : place,
        userId: Number(user),
        accessLevel: levelName(answer['access_level']),
        expiresAt: answer['expires_at'] ?? '',
      };
    },

    async update(rest, id, { news }) {
      await rest.call('PUT', member(id), rights(news));
    },

    async delete(rest, id, state) {
      await rest.remove(`${member(id)}${deletion(state)}`);
    },
  };
}

/** The Go client sends `expires_at` always. */
function rights({ accessLevel, expiresAt, memberRoleId }: Props): Props {
  return {
    access_level: levelNumber(accessLevel),
    expires_at: expiresAt ?? '',
    ...(memberRoleId !== undefined && { member_role_id: memberRoleId }),
  };
}
