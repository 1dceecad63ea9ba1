/** The parts of pages that are made, what each is made from, and how it gets into its page. Pure but for diagrams. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as mirror from './mirrordecisions';
import * as open from './opendecisions';
import { movesTable, phasesTable } from './phases';
import { agentRooms, roomsTable } from './rooms';

const project = join(__dirname, '..', '..');

export interface Part {
  /** Relative to the project. */
  readonly page: string;
  /** What it is made from, as the page says it. */
  readonly by: string;
  readonly make: () => string;
}

const decisions = 'docs/design/decisions.md';
const decide = 'agent/rules/decide.ts';

export const parts: readonly Part[] = [
  { page: 'ARCHITECTURE.md', by: 'test/tidy/rooms.ts', make: agentRooms },
  { page: 'docs/design/rooms.md', by: 'test/tidy/rooms.ts', make: roomsTable },
  { page: 'docs/design/phases.md', by: 'phaseTable of agent/contract/phase.ts', make: phasesTable },
  { page: 'docs/design/phases.md', by: 'legalMoves of agent/contract/phase.ts', make: movesTable },
  { page: decisions, by: `decideMirror of ${decide}`, make: mirror.mirrorTable },
  { page: decisions, by: `the leases of decideMirror of ${decide}`, make: mirror.leaseTable },
  { page: decisions, by: `decideStale of ${decide}`, make: mirror.staleTable },
  { page: decisions, by: `decidePush of ${decide}`, make: open.pushTable },
  { page: decisions, by: `decidePass of ${decide}`, make: open.passTable },
  { page: decisions, by: `breaks of ${decide}`, make: open.breakerTable },
  { page: decisions, by: `isUnhooked of ${decide}`, make: open.unhookedTable },
  { page: decisions, by: `blocksDrain of ${decide}`, make: open.drainTable },
  { page: decisions, by: 'planRefs of agent/rules/refplan.ts', make: open.repairTable },
  diagram('docs/design/push.md', 'agent/sync/push.mmd'),
  diagram('docs/design/pass.md', 'agent/sync/mirror.mmd'),
  diagram('docs/design/pass.md', 'agent/sync/follow.mmd'),
  diagram('docs/design/change-of-phase.md', 'agent/sync/phasechange.mmd'),
];

/** A sequence diagram lies beside the code that it shows. */
function diagram(page: string, by: string): Part {
  return { page, by, make: () => `\`\`\`mermaid\n${readFileSync(join(project, by), 'utf8').trimEnd()}\n\`\`\`` };
}

/** The page with this part made anew. Throws where the page has no place for it. */
export function renew(text: string, { page, by, make }: Part): string {
  const begin = `<!-- made from ${by} by npm run docs -->\n`;
  const start = text.indexOf(begin);
  const end = text.indexOf('<!-- end -->', start);
  if (start < 0 || end < 0)
    throw new Error(`${page} has no place for what is made from ${by}: write "${begin.trimEnd()}" and "<!-- end -->".`);
  return `${text.slice(0, start)}${begin}\n${make()}\n\n${text.slice(end)}`;
}

/** Each page that has made parts, as it should be. */
export function renewedPages(read: (page: string) => string): Map<string, string> {
  const pages = new Map<string, string>();
  for (const part of parts) pages.set(part.page, renew(pages.get(part.page) ?? read(part.page), part));
  return pages;
}
