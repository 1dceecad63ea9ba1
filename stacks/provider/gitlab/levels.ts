/** GitLab's roles, in its numbers. */

/** From this role on GitLab takes pushes: Developer. */
export const writerLevel = 30;

export const roleNames: Readonly<Record<number, string>> = { 30: 'developer', 40: 'maintainer', 50: 'owner' };
