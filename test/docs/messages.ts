/** What each error says, with the facts of its example. */
import { shelves } from '../../agent/contract/faults';
import type { Listed } from '../../agent/contract/fault';
import { table } from './page';

export function messages(): string[] {
  return shelves.flatMap(({ title, faults }) => [
    `## ${title}`,
    '',
    ...table(['code', 'what it says', 'what to do', 'exit code'], Object.values(faults).map(row)),
    '',
  ]);
}

function row({ code, exit, example }: Listed): string[] {
  const { message, next } = example();
  return [`\`${code}\``, message, next, String(exit)];
}
