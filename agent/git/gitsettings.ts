/** What git on old needs to know of one repository. */
import type { GitPlace } from './gitprocess';

export interface GitSettings extends GitPlace {
  readonly url: string;
  readonly ciSkip: boolean;
  /** How long GitLab may stay silent while it is asked for its refs, ms. */
  readonly askMs: number;
  /** How long a push or fetch may show no progress, ms. */
  readonly silentMs: number;
  /** Where unreadable refs are kept. */
  readonly asideFolder: string;
  /** Where git runs that talks to GitLab. */
  readonly networkFolder: string;
  /** Made for each push of a mirror pass. */
  readonly sendFolder: string;
}
