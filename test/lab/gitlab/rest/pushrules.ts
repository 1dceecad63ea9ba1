/** Push rules of a project: GitLab EE's. CE does not know the route. They are kept and answered; no push is judged. */
import { level } from '../model';
import { created, ok } from './router';
import { notFound } from './refusal';
import type { Answer, Call, Routes } from './router';
import { project } from './scope';

export const pushRuleRoutes: Routes = {
  'GET projects/:/push_rule': (call) => {
    const rule = call.instance.world.pushRules.get(project(call, level.maintainer).id);
    if (!isKnown(call) || rule === undefined) throw notFound('Push Rule');
    return ok(rule);
  },
  'POST projects/:/push_rule': set,
  'PUT projects/:/push_rule': set,
};

const texts = ['commit_message_regex', 'commit_message_negative_regex', 'branch_name_regex', 'author_email_regex'];
const flags = [
  'deny_delete_tag',
  'member_check',
  'prevent_secrets',
  'reject_unsigned_commits',
  'commit_committer_check',
];

function set(call: Call): Answer {
  const { id } = project(call, level.maintainer);
  if (!isKnown(call)) throw notFound();
  const { fields, instance } = call;
  const rule = {
    id: instance.world.nextId(),
    project_id: id,
    created_at: new Date().toISOString(),
    ...Object.fromEntries(texts.map((name) => [name, fields.text(name) ?? ''])),
    ...Object.fromEntries(flags.map((name) => [name, fields.flag(name) ?? false])),
    file_name_regex: fields.text('file_name_regex') ?? '',
    max_file_size: fields.integer('max_file_size') ?? 0,
  };
  instance.world.pushRules.set(id, rule);
  return created(rule);
}

function isKnown({ instance }: Call): boolean {
  return instance.options.enterprise;
}
