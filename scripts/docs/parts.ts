/** Everything that is made: to add a table, write a file beside this one and name it here. */
import { messages } from './messages';
import type { Part } from './page';
import { pusherTexts } from './pushertexts';

export const parts: readonly Part[] = [
  { page: 'docs/operate/messages.md', from: 'agent/rules/texts.ts', make: pusherTexts },
  { page: 'docs/operate/messages.md', from: 'agent/contract/faults', make: messages },
];
