/** What a run is made on: the product in its lab, or one of the baselines. The run itself is the same for all. */
import type { Fact, Oid, Refs, Server } from '../history/history';
import type { LabPerson } from '../lab/person';
import type { Relay } from '../lab/relay';
import type { Fault } from './faults/fault';
import type { Ending } from './recorder';
import type { Random } from '../random';

export type Relays = Readonly<Record<'between' | 'peopleToOld' | 'peopleToGitlab', Relay>>;

export interface Site {
  readonly people: readonly LabPerson[];
  /** Through a relay. */
  url(server: Server): string;
  /** Where somebody may want to push next. */
  server(random: Random): Server;
  /** When the history is there that everything begins with: hooks and all. Answers the refs. */
  open(): Promise<Refs>;
  readonly faults: readonly Fault[];
  /** Begins what an operator does all the time. */
  begin(): void;
  /** Ends it: all faults are healed, and people go on. */
  rest(): Promise<void>;
  /** Nobody pushes any more: both sides become equal, or not. */
  converge(): Promise<Ending>;
  /** Each change of GitLab's refs, where all of them are seen; at the end. */
  seenOnGitlab(): readonly Fact[];
  /** Values that anything listed as taken over from GitLab, and when it did first. */
  taken(): ReadonlyMap<Oid, number>;
  /** Lines for the report. */
  notes(): readonly string[];
  /** Text files by name that help to find out what happened. */
  evidence(): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export const names = ['ada', 'bob', 'carol', 'dan', 'eve'] as const;
export const repository = 'team/app.git';
