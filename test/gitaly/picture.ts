/**
 * What a push looked like from outside, without what differs from run to run: two kinds of GitLab must give the same.
 */
import type { Seen } from '../lab/contract';
import type { Fixture } from '../lab/gitlab/fixture';
import type { HookEvent } from '../lab/gitlab/standin';

export interface Picture {
  /** Exit code of each command. */
  readonly codes: readonly number[];
  /** Terminal of each command. */
  readonly seen: readonly string[];
  readonly refs: readonly string[];
  readonly events: readonly string[];
  /** What the rules were asked, and said. */
  readonly audit: readonly string[];
}

export interface Project {
  readonly id: number;
  readonly url: string;
  readonly path: string;
  readonly work: string;
  readonly first: string;
}

export async function pictureOf(lab: Fixture, project: Project, seen: readonly Seen[]): Promise<Picture> {
  const letter = letters();
  const refs = [...(await lab.gitlab.refs(project.path))].sort().map(([ref, oid]) => `${ref} ${letter(oid)}`);
  const about = ({ ref, before, after }: { ref: string; before: string; after: string }): string =>
    `${ref} ${letter(before)} ${letter(after)}`;
  const events = lab.gitlab.events
    .filter(({ project: path }) => path === project.path)
    .map((event: HookEvent) => `${event.kind} ${about(event)} ${event.user} ${event.pushOptions.join('+')}`);
  const audit = lab.gitlab.audit.flatMap((entry) =>
    entry.kind === 'change' && entry.project === project.path
      ? [`${about(entry)} ${entry.actor} ${entry.protocol}: ${entry.refusal ?? 'done'}`]
      : [],
  );
  return { codes: seen.map(({ code }) => code), seen: seen.map(({ output }) => terminal(output)), refs, events, audit };
}

/** gitaly-ssh, which is not what GitLab's users meet, adds lines of its own log: those are no difference. */
function terminal(output: string): string {
  const lines = output
    .replace(/127\.0\.0\.1:\d+/g, 'HOST')
    .replace(/\b[0-9a-f]{7,40}\b/g, 'OID')
    .split('\n')
    .filter((line) => !line.startsWith('time="'));
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** The same id is the same letter in one picture. */
function letters(): (oid: string) => string {
  const known = new Map<string, string>([['0'.repeat(40), '-']]);
  return (oid) => {
    const found = known.get(oid) ?? String.fromCharCode('A'.charCodeAt(0) + known.size - 1);
    known.set(oid, found);
    return found;
  };
}
