/** Everything that is made: to add a table, write a file beside this one and name it here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messages } from './messages';
import * as mirror from './mirrordecisions';
import * as open from './opendecisions';
import type { Part } from './page';
import { movesTable, phasesTable } from './phases';
import { pusherTexts } from './pushertexts';
import { agentRooms, roomsTable } from './rooms';
import { triedTable, triedVersions } from './versions';

const project = join(__dirname, '..', '..');

const decisions = 'docs/design/decisions.md';
const decide = 'agent/rules/decide.ts';

export const parts: readonly Part[] = [
  { page: 'ARCHITECTURE.md', from: 'test/tidy/rooms.ts', make: agentRooms },
  { page: 'docs/design/rooms.md', from: 'test/tidy/rooms.ts', make: roomsTable },
  { page: 'docs/design/phases.md', from: 'phaseTable of agent/contract/phase.ts', make: phasesTable },
  { page: 'docs/design/phases.md', from: 'legalMoves of agent/contract/phase.ts', make: movesTable },
  { page: decisions, from: `decideMirror of ${decide}`, make: mirror.mirrorTable },
  { page: decisions, from: `the leases of decideMirror of ${decide}`, make: mirror.leaseTable },
  { page: decisions, from: `decideStale of ${decide}`, make: mirror.staleTable },
  { page: decisions, from: `decidePush of ${decide}`, make: open.pushTable },
  { page: decisions, from: `decideFollow of ${decide}`, make: open.passTable },
  { page: decisions, from: 'decideStop of agent/rules/breaker.ts', make: open.breakerTable },
  { page: decisions, from: `isUnhooked of ${decide}`, make: open.unhookedTable },
  { page: decisions, from: 'decideSendOn of agent/rules/sendon.ts', make: open.sendOnTable },
  { page: decisions, from: `blocksDrain of ${decide}`, make: open.drainTable },
  { page: decisions, from: 'planRefs of agent/rules/refplan.ts', make: open.repairTable },
  { page: 'docs/operate/what-pushers-read.md', from: 'agent/rules/texts.ts', make: pusherTexts },
  { page: 'docs/operate/messages.md', from: 'agent/contract/faults.ts', make: messages },
  { page: 'README.md', from: 'test/versions/rows.ts', make: triedVersions },
  { page: 'docs/operate/prepare.md', from: 'test/versions/rows.ts', make: triedTable },
  diagram('docs/design/push.md', 'agent/sync/push.mmd'),
  diagram('docs/design/pass.md', 'agent/sync/mirror.mmd'),
  diagram('docs/design/pass.md', 'agent/sync/follow.mmd'),
  diagram('docs/design/change-of-phase.md', 'agent/sync/phasechange.mmd'),
];

/** A sequence diagram lies beside the code that it shows. */
function diagram(page: string, from: string): Part {
  const make = (): string[] => ['```mermaid', readFileSync(join(project, from), 'utf8').trimEnd(), '```'];
  return { page, from, make };
}
