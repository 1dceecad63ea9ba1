/** What all repositories of a stack share. */
import type { peopleOf } from './access';
import type { Settings } from '../config';
import type { GitlabProviders, Groups } from './gitlab';
import type { Handover, Server } from './handover';

/** What all repositories share. */
export interface Stack {
  readonly settings: Settings;
  readonly handover: Handover;
  readonly providers: GitlabProviders;
  readonly groups: Groups;
  readonly people: ReturnType<typeof peopleOf>;
  readonly keyOwner: number;
  readonly server: Server;
}
