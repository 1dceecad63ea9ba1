/**
 * What GitLab's REST API answers, as far as it is read here (docs.gitlab.com/api). Whatever else a row holds is left
 * out; a row without these is no answer of GitLab's, and nothing is concluded from it.
 */
import { z } from 'zod';
import { faults } from '../../../agent/contract/faults';

const id = z.number().int();
const level = z.number().int();

export const memberRow = z.object({ id, username: z.string(), access_level: level, state: z.string().optional() });

export const deployKeyRow = z.object({
  title: z.string(),
  key: z.string(),
  can_push: z.boolean(),
  expires_at: z.string().nullish(),
});

export const accessTokenRow = z.object({
  name: z.string(),
  user_id: id,
  access_level: level,
  scopes: z.array(z.string()),
  active: z.boolean().optional(),
  revoked: z.boolean().optional(),
});

export const accessLevel = z.object({
  access_level: level.nullish(),
  access_level_description: z.string().nullish(),
  deploy_key_id: id.nullish(),
  user_id: id.nullish(),
  group_id: id.nullish(),
});

export const protectedBranchRow = z.object({ name: z.string(), push_access_levels: z.array(accessLevel).nullish() });

export const protectedTagRow = z.object({ name: z.string(), create_access_levels: z.array(accessLevel).nullish() });

const sharedGroup = z.object({ group_full_path: z.string(), group_access_level: level });

export const projectRow = z.object({
  path_with_namespace: z.string(),
  archived: z.boolean().optional(),
  default_branch: z.string().nullish(),
  shared_with_groups: z.array(sharedGroup).nullish(),
});

/** EE alone has them; which there are grows with its versions. */
export const pushRuleRow = z.record(z.string(), z.unknown());

export const groupRow = z.object({
  id,
  default_branch_protection: z.number().nullish(),
  default_branch_protection_defaults: z
    .object({
      allow_force_push: z.boolean().nullish(),
      allowed_to_push: z.array(accessLevel).nullish(),
      allowed_to_merge: z.array(accessLevel).nullish(),
    })
    .nullish(),
});

export const userRow = z.object({ id, username: z.string() });

export const metadata = z.object({ enterprise: z.boolean().optional() });

/** That it is there is all that is asked. */
export const branchRow = z.object({ name: z.string() });

export function answered<T>(path: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')})`;
  throw faults.gitlabAnswer({ path, what: `it is not of the form that GitLab's API has${where}` });
}
