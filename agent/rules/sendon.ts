/**
 * A push that reached old without hooks in `both` and `warn`: git said ok, and GitLab never heard of it. Whether a pass
 * sends it on. Pure: `test/model/handover.pml` tries to break it (UNHOOKED).
 */
import { isUnhooked } from './decide';
import type { EndedRecord } from './records';
import type { Oid, RefName } from './values';

/** What is known without asking git. */
export interface Unseen {
  readonly ref: RefName;
  readonly old: Oid | null;
  readonly gitlab: Oid | null;
  readonly agreed: Oid | null;
  readonly live: boolean;
  readonly ended: readonly EndedRecord[];
  /** Passes have sent these values of the ref, and it was not level since. */
  readonly sent: readonly (Oid | null)[];
  /** Passes, or a copy in `mirror`, sent these before it was. */
  readonly late: readonly (Oid | null)[];
  /** A request of a pass may still land. */
  readonly mayLand: boolean;
}

/** `wait`: it is not set aside while it may still land. `null`: old's value is no such push. */
export type SendOn = { readonly kind: 'wait' | 'ask' } | { readonly kind: 'set-aside'; readonly why: string } | null;

export function decideSendOn({ ref, old, gitlab, agreed, live, ended, sent, late, mayLand }: Unseen): SendOn {
  if (old === gitlab || live || !isUnhooked(old, agreed, ended)) return null;
  if (sent.includes(old) && mayLand) return { kind: 'wait' };
  if (!ref.startsWith('refs/heads/')) return aside('it is no branch');
  if (old === null) return aside('it is a deletion');
  if (gitlab !== agreed) return aside('GitLab had changed as well');
  if (gitlab === null) return aside('GitLab has no such branch');
  return sent.includes(old) || late.includes(old)
    ? aside('it was sent, or about to be, in a pass before, and GitLab does not have it')
    : { kind: 'ask' };
}

/** What git and the repository's own hooks answered. */
export interface Asked {
  /** Why GitLab cannot hold the name; null where it can. */
  readonly name: string | null;
  /** Old's value descends from GitLab's. */
  readonly forward: boolean;
  readonly complete: boolean;
  /** A commit that it brings is in a value that a pass took away from this ref: somebody may have removed it. */
  readonly cameBack: boolean;
  /** Of own `pre-receive` and `update`; null where they take it. */
  readonly declined: string | null;
}

/** Each answer is asked for only when those before it allow the push. Null: it is sent. */
export type Answers = { readonly [Question in keyof Asked]: () => Promise<Asked[Question]> };

export async function whyNotSent(ask: Answers): Promise<string | null> {
  const name = await ask.name();
  if (name !== null) return name;
  if (!(await ask.forward())) return "it does not contain GitLab's value";
  if (!(await ask.complete())) return 'objects of it are missing';
  if (await ask.cameBack()) return 'commits of it were taken away from this branch before';
  return ask.declined();
}

function aside(why: string): SendOn {
  return { kind: 'set-aside', why };
}
